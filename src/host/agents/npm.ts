import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { AgentUnavailable } from './agent-unavailable.ts';
import type { Env } from './clean-env.ts';
import { findOnPath, programState } from './find-program.ts';
import { ownNodeRun, type OwnNode } from './node-program.ts';

const LIMIT_MS = 30 * 60_000;
const KEPT_OUTPUT_CHARS = 4_000;

export interface Npm {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Env;
}

/** The npm on PATH, else the one at `shipped` (its npm-cli.js), run with our own Node. */
export function findNpm(env: Env, own: OwnNode, shipped: string | null): Npm {
  const npm = findOnPath('npm', env);
  if (npm !== null && process.platform !== 'win32') return { command: npm, args: [], env: {} };
  const script =
    npm === null ? shipped : join(dirname(npm), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (script !== null && programState(script) !== 'missing') return ownNodeRun(script, own);
  throw new AgentUnavailable(
    'Agents are installed through npm, and there is no npm on PATH.',
    'Install Node.js from https://nodejs.org (npm comes with it), or install the agent yourself so that it is on PATH.',
  );
}

/**
 * Installs exactly `spec` below `prefix`, running nothing that the packages bring. Rejects with
 * npm's own last words, or the signal's reason. Nothing of npm is left running when it settles.
 */
export async function npmInstall(
  npm: Npm,
  spec: string,
  prefix: string,
  env: Env,
  signal: AbortSignal,
): Promise<void> {
  const args = [
    'install',
    spec,
    `--prefix=${prefix}`,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--omit=dev',
    // The platform's binary is an optional dependency; the person's own npm settings may leave them out.
    '--include=optional',
    '--install-strategy=hoisted',
    // Claude's adapter says Node 22 and runs on 20.
    '--engine-strict=false',
    '--global=false',
    '--update-notifier=false',
    '--progress=false',
    '--loglevel=error',
  ];
  const stop = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  stop.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const child = spawn(npm.command, [...npm.args, ...args], {
      cwd: prefix,
      env: { ...env, ...npm.env },
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString('utf8')).slice(-KEPT_OUTPUT_CHARS);
    });
    const onStop = (): void => killTree(child.pid);
    stop.addEventListener('abort', onStop, { once: true });
    const settle = (error: unknown): void => {
      stop.removeEventListener('abort', onStop);
      if (error === null) resolve();
      else reject(error);
    };
    child.on('error', (error) =>
      settle(new Error(`npm cannot be started: ${error.message}`, { cause: error })),
    );
    child.on('close', (code) => {
      if (stop.aborted) settle(stop.reason);
      else
        settle(
          code === 0
            ? null
            : new Error(
                `npm install ${spec} ended with ${code}: ${words.trim() || 'it said nothing'}`,
              ),
        );
    });
  });
}

function killTree(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
