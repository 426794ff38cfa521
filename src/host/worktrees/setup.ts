import { spawn } from 'node:child_process';
import type { Logger } from '../../base/log.ts';
import { WORKTREE_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { SetupProgram } from './setup-shell.ts';

const MAX_KEPT_CHARS = 16 * 1024;
const TOLD_LINES = 3;

export interface SetupNeeds {
  readonly logger: Logger;
  readonly program: (line: string, env: Readonly<Record<string, string>>) => SetupProgram;
  env(): Promise<Readonly<Record<string, string>>>;
  readonly limitMs?: number;
}

/**
 * Runs a person's own setup command in a new worktree; its output goes to the host's log. Null when
 * all went well, else what went wrong, in words.
 */
export async function runSetup(
  { logger, program, env, limitMs = WORKTREE_TIMEOUT_MS }: SetupNeeds,
  line: string,
  cwd: string,
): Promise<string | null> {
  const { command, args, isGroup, isVerbatim, env: given } = program(line, await env());
  logger.info({ cwd, line }, 'running the setup command of a new worktree');
  return await new Promise<string | null>((resolve) => {
    const child = spawn(command, [...args], {
      cwd,
      env: given,
      detached: isGroup,
      windowsHide: true,
      windowsVerbatimArguments: isVerbatim,
      // Left open on purpose: it ends when this process does.
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    const take = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-MAX_KEPT_CHARS);
    };
    const done = (why: string | null): void => {
      clearTimeout(timer);
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
      const level = why === null ? 'info' : 'warn';
      logger[level]({ cwd, line, why, output }, 'the setup command of a new worktree ended');
      resolve(why === null ? null : `The setup command "${line}" ${why}`);
    };
    const timer = setTimeout(() => {
      try {
        if (isGroup && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // It ended in this very moment.
      }
      done(`took longer than ${limitMs / 1_000} s and was ended.`);
    }, limitMs);
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => done(`could not be run: ${error.message}.`));
    // Not "close": what it leaves running in the background may hold its pipes open.
    child.on('exit', (code, signal) => {
      if (code === 0) return done(null);
      setImmediate(() => done(`ended with ${code ?? signal}: ${lastLines(output)}`));
    });
  });
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-TOLD_LINES).join('\n').slice(-500) || 'it said nothing.';
}
