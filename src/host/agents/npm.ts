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

/** What npm is to do, and where. */
export interface NpmTask {
  /** `name@version`. */
  readonly spec: string;
  /** An empty folder that is thrown away when npm does not come to its end. */
  readonly prefix: string;
  readonly env: Env;
  readonly own: OwnNode;
  readonly signal: AbortSignal;
}

/**
 * Between us and npm stands a process that ends npm, and removes what it has unpacked, as soon as
 * our end of its stdin is closed: also when we were killed and could do nothing ourselves.
 */
const LIFELINE = `
const { spawn } = require('node:child_process');
const { rmSync } = require('node:fs');
const [folder, asNode, command, ...args] = process.argv.slice(1);
if (asNode === '') delete process.env.ELECTRON_RUN_AS_NODE;
const npm = spawn(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], windowsHide: true });
let isCut = false;
const cut = () => { isCut = true; npm.kill('SIGKILL'); };
process.stdin.on('end', cut).on('error', cut).resume();
npm.on('error', (error) => process.stderr.write(error.message));
npm.on('close', (code) => {
  if (isCut) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.exit(code === null || code < 0 ? 1 : code);
});
`;

/**
 * Installs exactly `spec` below `prefix`, running nothing that the packages bring. Rejects with
 * npm's own last words, or the signal's reason. Nothing of npm is left running when it settles, nor
 * when this process dies before.
 */
export async function npmInstall(npm: Npm, task: NpmTask): Promise<void> {
  const { spec, prefix, env, own, signal } = task;
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
  const asNode = npm.env.ELECTRON_RUN_AS_NODE ?? '';
  await new Promise<void>((resolve, reject) => {
    const child = spawn(
      own.execPath,
      ['-e', LIFELINE, '--', prefix, asNode, npm.command, ...npm.args, ...args],
      {
        env: { ...env, ...npm.env, ...(own.isElectron ? { ELECTRON_RUN_AS_NODE: '1' } : {}) },
        // A terminal's Ctrl-C is for the host, which cuts the line when it leaves.
        detached: process.platform !== 'win32',
        windowsHide: true,
        stdio: ['pipe', 'ignore', 'pipe'],
      },
    );
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString('utf8')).slice(-KEPT_OUTPUT_CHARS);
    });
    // It has ended already, and 'close' tells the rest.
    child.stdin.on('error', () => {});
    const onStop = (): void => void child.stdin.end();
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
