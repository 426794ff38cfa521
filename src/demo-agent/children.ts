import { spawn, type ChildProcess } from 'node:child_process';

const MAX_OUTPUT_CHARS = 64 * 1024;
const LAST_OUTPUT_MS = 300;

export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
}

/** The commands that run now. Each has its own process group, so that a kill takes all of it. */
export class Children {
  readonly #running = new Set<ChildProcess>();

  /** Runs a command line in the shell. Aborting kills it and rejects. */
  async run(command: string, cwd: string, signal: AbortSignal): Promise<CommandResult> {
    signal.throwIfAborted();
    const child = spawn(command, {
      cwd,
      shell: true,
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: commandEnv(),
    });
    this.#running.add(child);
    let output = '';
    const keep = (chunk: string): void => {
      if (output.length < MAX_OUTPUT_CHARS) output = (output + chunk).slice(0, MAX_OUTPUT_CHARS);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const kill = (): void => killGroup(child);
    signal.addEventListener('abort', kill, { once: true });
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (exitCode) => resolve(exitCode));
        // A grandchild may hold the pipes open after the command has ended: `close` would wait for it.
        child.on('exit', (exitCode) => setTimeout(resolve, LAST_OUTPUT_MS, exitCode).unref());
      });
      signal.throwIfAborted();
      return { code, output };
    } finally {
      signal.removeEventListener('abort', kill);
      this.#running.delete(child);
    }
  }

  killAll(): void {
    for (const child of this.#running) killGroup(child);
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/** Without the marks of a test runner around us: a nested `node --test` would report to that one. */
function commandEnv(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _mark, ...env } = process.env;
  return process.versions.electron === undefined ? env : { ...env, ELECTRON_RUN_AS_NODE: '1' };
}
