import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { AGENT_MARK, AGENT_OWNER } from '../protocol/keeper.ts';
import { makeHome, type Home } from './home.ts';
import { coverInherited } from './inherited-descriptors.ts';
import { connectSocket } from './socket-transport.ts';

const CONNECT_LIMIT_MS = 2_000;
const START_LIMIT_MS = 15_000;
const POLL_MS = 25;

export interface HostPrograms {
  /** Folder of the built programs: `keeper/main.js`, `host/main.js` … */
  readonly dist: string;
  /** The Node that runs keeper and host: `process.execPath`, also in Electron. */
  readonly execPath: string;
}

/** What a host that refuses to start leaves behind for whoever asked for it. */
const failureSchema = z.object({ message: z.string() });

export function hostFailureFile(home: Home): string {
  return join(home.logs, 'host-failed.json');
}

/** Connects to the running host. Throws with `code` ENOENT or ECONNREFUSED when there is none. */
export async function connectHost(home: Home): Promise<Socket> {
  return await connectSocket(home.hostSocket, CONNECT_LIMIT_MS);
}

/**
 * Connects to the host, starting the keeper (which starts the host) when nothing answers. The
 * keeper gets its own session and none of our descriptors, so it outlives us; two at once are
 * harmless, the second keeper sees the first and leaves.
 */
export async function ensureHost(home: Home, programs: HostPrograms): Promise<Socket> {
  try {
    return await connectHost(home);
  } catch (error) {
    if (!mayBeComing(error)) throw unreachable(home, error);
  }
  makeHome(home);
  const startedAt = Date.now();
  startKeeper(home, programs);
  return await waitForHost(home, startedAt);
}

/** Waits for a host that was asked for at `startedAt`; throws what it left behind when it refuses to start. */
export async function waitForHost(home: Home, startedAt: number): Promise<Socket> {
  for (;;) {
    try {
      return await connectHost(home);
    } catch (error) {
      if (!mayBeComing(error)) throw unreachable(home, error);
      const failure = failureSince(home, startedAt);
      if (failure !== null) throw new Error(failure);
      if (Date.now() - startedAt > START_LIMIT_MS)
        throw new Error(
          `The host did not start within ${START_LIMIT_MS / 1_000} s: see ${home.hostLog}`,
          { cause: error },
        );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Starts a keeper in the background. Its output goes to the home's log folder. */
export function startKeeper(home: Home, programs: HostPrograms): void {
  const log = openSync(join(home.logs, 'keeper.log'), 'a', 0o600);
  const cover = coverInherited();
  try {
    const child = spawn(programs.execPath, [join(programs.dist, 'keeper', 'main.js')], {
      detached: true,
      windowsHide: true,
      cwd: home.root,
      stdio: ['ignore', log, log, ...cover.stdio],
      env: keeperEnv(home),
    });
    child.on('error', () => {
      // The wait for the host's socket ends with a message; there is nobody else to tell.
    });
    child.unref();
  } finally {
    cover.release();
    closeSync(log);
  }
}

/**
 * Starts a keeper in the foreground: a child that gets its terminal's Ctrl-C. Its output goes to the
 * log folder all the same, since a terminal may close before it has ended its agents.
 */
export function runKeeper(home: Home, programs: HostPrograms): ChildProcess {
  makeHome(home);
  const log = openSync(join(home.logs, 'keeper.log'), 'a', 0o600);
  try {
    return spawn(programs.execPath, [join(programs.dist, 'keeper', 'main.js')], {
      cwd: home.root,
      stdio: ['ignore', log, log],
      env: keeperEnv(home),
    });
  } finally {
    closeSync(log);
  }
}

export function keeperEnv(home: Home): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, PORCHLIGHT_HOME: home.root };
  // Started from an agent's shell, it would be ended with that agent.
  delete env[AGENT_MARK];
  delete env[AGENT_OWNER];
  if (process.versions.electron !== undefined) env.ELECTRON_RUN_AS_NODE = '1';
  return env;
}

/** Why the host that was asked for at `startedAt` refused to start; null when it did not say. */
export function failureSince(home: Home, startedAt: number): string | null {
  try {
    const file = hostFailureFile(home);
    if (statSync(file).mtimeMs < startedAt - 1_000) return null;
    return failureSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).message;
  } catch {
    return null;
  }
}

export function isNobodyThere(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

/** Nobody listens, or who did died over our connection and is started again. */
function mayBeComing(error: unknown): boolean {
  const isCut = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
  return isCut || isNobodyThere(error);
}

function unreachable(home: Home, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`Cannot reach the host at ${home.hostSocket}: ${why}. See: porchlight doctor`, {
    cause,
  });
}
