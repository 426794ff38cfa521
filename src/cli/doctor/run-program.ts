import { spawn } from 'node:child_process';

export interface ProgramRun {
  /** null: it could not be started, or was ended at the deadline. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
  readonly problem: 'missing' | 'slow' | 'failed' | null;
}

export type RunProgram = (
  command: string,
  args: readonly string[],
  options: { limitMs: number; env?: NodeJS.ProcessEnv; cwd?: string },
) => Promise<ProgramRun>;

const MAX_OUTPUT_CHARS = 64 * 1024;

/** Runs a program to its end or its deadline, when its whole process group is killed. Never throws. */
export const runProgram: RunProgram = async (
  command,
  args,
  { limitMs, env = process.env, cwd },
) => {
  const startedAt = performance.now();
  const grouped = process.platform !== 'win32';
  return await new Promise<ProgramRun>((resolve) => {
    const out = { stdout: '', stderr: '' };
    const child = spawn(command, [...args], {
      env,
      cwd,
      detached: grouped,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const finish = (code: number | null, problem: ProgramRun['problem']): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ ...out, code, problem, ms: Math.round(performance.now() - startedAt) });
    };
    const timer = setTimeout(() => {
      try {
        if (grouped && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // It ended in this very moment.
      }
      finish(null, 'slow');
    }, limitMs);
    child.stdout.on(
      'data',
      (chunk: Buffer) => (out.stdout = (out.stdout + chunk.toString()).slice(0, MAX_OUTPUT_CHARS)),
    );
    child.stderr.on(
      'data',
      (chunk: Buffer) => (out.stderr = (out.stderr + chunk.toString()).slice(0, MAX_OUTPUT_CHARS)),
    );
    child.on('error', (error) =>
      finish(null, 'code' in error && error.code === 'ENOENT' ? 'missing' : 'failed'),
    );
    child.on('close', (code) => finish(code, code === 0 ? null : 'failed'));
  });
};
