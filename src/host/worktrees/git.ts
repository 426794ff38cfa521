import { spawn } from 'node:child_process';
import { RpcFailure } from '../../protocol/errors.ts';
import type { Env } from '../agents/clean-env.ts';

const GIT_LIMIT_MS = 30_000;
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

/** What a person may say about git in a profile; any other GIT_* is about one repository or call. */
const OF_THE_PERSON =
  /^GIT_((AUTHOR|COMMITTER)_(NAME|EMAIL)|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|SSH|SSH_COMMAND|SSL_\w+|EXEC_PATH|TEMPLATE_DIR|LFS_\w+)$/;

/**
 * Holds for every call of ours: no hooks, nothing in the background, nothing that asks, and no
 * trace of our tries in the person's memory of conflicts.
 */
const SETTINGS = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.quotePath': 'false',
  'core.longPaths': 'true',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'rerere.enabled': 'false',
  'submodule.recurse': 'false',
  'commit.gpgSign': 'false',
  'merge.verifySignatures': 'false',
  'merge.autoStash': 'false',
  'merge.ff': 'true',
  'user.useConfigOnly': 'true',
  'advice.detachedHead': 'false',
} as const;

export interface GitOptions {
  readonly limitMs?: number;
  /** Text or names for stdin. */
  readonly input?: string;
  readonly maxBytes?: number;
  /** Gives what fits into `maxBytes` instead of failing. */
  readonly cut?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** More settings of this call; a name may hold anything. */
  readonly config?: Readonly<Record<string, string>>;
}

export interface GitOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** There was more on stdout than asked for. */
  readonly isCut: boolean;
}

/** A call of git that had to succeed and did not. */
export class GitFailed extends RpcFailure {
  readonly stderr: string;

  constructor(args: readonly string[], stderr: string, why?: string) {
    const said = why ?? lastLines(stderr);
    super('refused', `git ${args[0] ?? ''} failed: ${said}`, { kind: 'git' });
    this.stderr = stderr;
  }
}

/** Runs git with the person's own environment and settings, with a deadline and bounded output. */
export class Git {
  readonly #env: () => Promise<Env>;

  constructor(env: () => Promise<Env>) {
    this.#env = env;
  }

  /** The output, whatever the exit code; throws {@link GitFailed} when it cannot run or takes too long. */
  async run(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitOutput> {
    const env = { ...gitEnv(await this.#env(), options.config), ...options.env };
    return await runGit(cwd, args, env, options);
  }

  /** stdout of a call that must succeed. */
  async text(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(cwd, args, options);
    if (code !== 0) throw new GitFailed(args, stderr);
    return stdout;
  }

  /** stdout without its last newline, or null when git says no. */
  async maybe(
    cwd: string,
    args: readonly string[],
    options: GitOptions = {},
  ): Promise<string | null> {
    const { code, stdout } = await this.run(cwd, args, options);
    return code === 0 ? withoutNewline(stdout) : null;
  }

  async line(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
    return withoutNewline(await this.text(cwd, args, options));
  }

  /** Names of a listing made with `-z`. */
  async names(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string[]> {
    return splitNames(await this.text(cwd, args, options));
  }
}

export function splitNames(text: string): string[] {
  return text.split('\0').filter((name) => name !== '');
}

/** One, and no more: a folder's name may end in one. */
function withoutNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

/** Settings go through the environment, since a name with "=" in it cannot be given with -c. */
export function gitEnv(env: Env, more: Readonly<Record<string, string>> = {}): Env {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (!/^GIT_/i.test(name) || OF_THE_PERSON.test(name)) kept[name] = value;
  const settings = Object.entries({ ...SETTINGS, ...more });
  settings.forEach(([key, value], i) => {
    kept[`GIT_CONFIG_KEY_${i}`] = key;
    kept[`GIT_CONFIG_VALUE_${i}`] = value;
  });
  return {
    ...kept,
    GIT_CONFIG_COUNT: String(settings.length),
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: ':',
    GIT_SEQUENCE_EDITOR: ':',
    GIT_MERGE_AUTOEDIT: 'no',
    GIT_OPTIONAL_LOCKS: '0',
    // Names are taken as they are, never as patterns; and its words are known to us.
    GIT_LITERAL_PATHSPECS: '1',
    LC_ALL: 'C.UTF-8',
    LANGUAGE: 'C',
  };
}

async function runGit(
  cwd: string,
  args: readonly string[],
  env: Env,
  options: GitOptions,
): Promise<GitOutput> {
  const { limitMs = GIT_LIMIT_MS, maxBytes = MAX_OUTPUT_BYTES, cut = false, input } = options;
  return await new Promise<GitOutput>((resolve, reject) => {
    // A group of its own, so that filters and helpers end with it.
    const child = spawn('git', [...args], {
      cwd,
      env,
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    let isCut = false;
    let failure: GitFailed | null = null;
    const end = (why: GitFailed | null): void => {
      failure ??= why;
      killTree(child.pid, () => child.kill('SIGKILL'));
    };
    const timer = setTimeout(
      () => end(new GitFailed(args, stderr, `it took longer than ${limitMs / 1_000} s`)),
      limitMs,
    );
    child.stdout.on('data', (chunk: Buffer) => {
      if (isCut) return;
      bytes += chunk.length;
      if (bytes <= maxBytes) return void out.push(chunk);
      isCut = true;
      out.push(chunk.subarray(0, chunk.length - (bytes - maxBytes)));
      end(cut ? null : new GitFailed(args, stderr, `it gave more than ${maxBytes} bytes`));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < MAX_ERROR_BYTES) stderr += chunk.toString('utf8');
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      const missing = 'code' in error && error.code === 'ENOENT';
      const why = missing ? 'git was not found, or the folder is gone' : error.message;
      reject(new GitFailed(args, '', why));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (failure !== null) return reject(failure);
      const stdout = Buffer.concat(out).toString('utf8');
      resolve({ code: isCut ? 0 : (code ?? 1), stdout, stderr, isCut });
    });
  });
}

function killTree(pid: number | undefined, killOne: () => void): void {
  try {
    if (pid === undefined || process.platform === 'win32') killOne();
    else process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function lastLines(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  return lines.slice(-4).join(' ') || 'it gave no reason';
}
