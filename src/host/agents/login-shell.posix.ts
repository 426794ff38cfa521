import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, isAbsolute } from 'node:path';
import type { Env } from './clean-env.ts';

export const PROBE_LIMIT_MS = 5_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * What a desktop session gives to each terminal it opens, with the way to the network (proxies and
 * certificates); the rest is the shell's own to say.
 */
const FROM_SESSION =
  /^(HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|TMPDIR|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_[A-Z_]+|DBUS_SESSION_BUS_ADDRESS|SSH_AUTH_SOCK|SSH_AGENT_PID|GPG_AGENT_INFO|DESKTOP_SESSION|(HTTPS?|NO|ALL|FTP)_PROXY|(https?|no|all|ftp)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|GIT_SSL_CAINFO|__CF_USER_TEXT_ENCODING)$/;

/** Runs the login shell and reads what it exports. Throws when it fails or takes over `limitMs`. */
export async function probeLoginShell(
  hostEnv: NodeJS.ProcessEnv,
  limitMs = PROBE_LIMIT_MS,
): Promise<Env> {
  const shell = shellOf(hostEnv);
  const mark = randomUUID();
  const output = await run(
    shell,
    argumentsFor(shell, mark),
    minimalEnv(hostEnv, shell),
    mark,
    limitMs,
  );
  return parseEnv(output, mark);
}

export function shellOf(hostEnv: NodeJS.ProcessEnv): string {
  const candidates = [hostEnv.SHELL, userShell(), '/bin/bash', '/bin/sh'];
  return candidates.find((path) => path !== undefined && isExecutable(path)) ?? '/bin/sh';
}

/** Starts clean, so that nothing of ours can hide in what the shell passes on. */
export function minimalEnv(hostEnv: NodeJS.ProcessEnv, shell: string): Record<string, string> {
  const env: Record<string, string> = { PATH: DEFAULT_PATH, TERM: 'dumb' };
  for (const [name, value] of Object.entries(hostEnv))
    if (value !== undefined && FROM_SESSION.test(name)) env[name] = value;
  // A profile that starts tmux or another shell can leave that out when it sees this.
  return { ...env, SHELL: shell, PORCHLIGHT_RESOLVING_ENVIRONMENT: '1' };
}

/**
 * Login and interactive, since people export variables in either kind of file. Bash as a login
 * shell leaves out .bashrc, so the answer comes from an interactive one inside it: just what a
 * terminal in a desktop session is.
 */
export function argumentsFor(shell: string, mark: string): string[] {
  // In two halves, so that a shell which echoes its command does not print the mark by that.
  const printMark = `printf '%s%s' ${mark.slice(0, 18)} ${mark.slice(18)}`;
  const print = `${printMark}; /usr/bin/env -0; ${printMark}`;
  switch (basename(shell)) {
    case 'bash':
      return ['-l', '-i', '-c', `exec "$BASH" -i -c "${print}"`];
    case 'tcsh':
    case 'csh':
      return ['-i', '-c', print];
    default:
      return ['-l', '-i', '-c', print];
  }
}

/** The variables between the two marks; whatever profiles print lies outside of them. */
export function parseEnv(output: string, mark: string): Env {
  const start = output.indexOf(mark);
  const end = output.lastIndexOf(mark);
  if (start === -1 || end === start) throw new Error('the login shell printed no environment');
  const env: Record<string, string> = {};
  for (const entry of output.slice(start + mark.length, end).split('\0')) {
    const equals = entry.indexOf('=');
    if (equals > 0) env[entry.slice(0, equals)] = entry.slice(equals + 1);
  }
  if (env.PATH === undefined) throw new Error('the login shell has no PATH');
  return env;
}

async function run(
  shell: string,
  args: string[],
  env: Record<string, string>,
  mark: string,
  limitMs: number,
): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    // A session of its own: no terminal to stop for, and one group to kill.
    const child = spawn(shell, args, {
      env,
      cwd: env.HOME,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => fail(`took over ${limitMs} ms`), limitMs);
    // A host that leaves meanwhile leaves no shell behind.
    const onExit = (): void => killGroup(child.pid);
    process.once('exit', onExit);
    const settle = (): void => {
      clearTimeout(timer);
      process.off('exit', onExit);
      child.removeAllListeners();
      child.on('error', () => undefined);
      // What a profile leaves in the background may hold the pipe open for ever.
      child.stdout.destroy();
      killGroup(child.pid);
    };
    const fail = (why: string): void => {
      settle();
      reject(new Error(`the login shell ${shell} ${why}`));
    };
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) return fail(`printed over ${MAX_OUTPUT_BYTES} bytes`);
      const output = Buffer.concat(chunks).toString('utf8');
      if (output.indexOf(mark) === output.lastIndexOf(mark)) return;
      settle();
      resolve(output);
    });
    child.on('error', (error) => fail(`cannot be started (${error.message})`));
    child.on('close', (code) => fail(`ended with ${code} and printed no environment`));
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function userShell(): string | undefined {
  try {
    return userInfo().shell ?? undefined;
  } catch {
    // No entry in the user database, as in some containers.
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  if (!isAbsolute(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
