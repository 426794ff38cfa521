import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Logger } from '../../base/log.ts';
import { ownNodeRun, type OwnNode } from '../agents/node-program.ts';

const LOOPBACK = '127.0.0.1';
const END_LIMIT_MS = 3_000;
const MAX_LINE_CHARS = 2_000;
/** What a program needs of its surroundings to run at all; nothing of ours, nothing secret. */
const ENV_NAMES = [
  'PATH',
  'LANG',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'windir',
  'PATHEXT',
];

export interface RelayListening {
  readonly port: number;
  /** A further address, on the local network. */
  readonly lan: string | null;
  /** `host` or `host:port` under which others reach it: a proxy's name. */
  readonly names: readonly string[];
}

export interface RelayChildEvents {
  ready(): void;
  /** Once. `isTaken`: an address it was to listen at is another program's. */
  ended(end: { readonly isTaken: boolean; readonly words: string }): void;
}

export type RunRelay = (listening: RelayListening, on: RelayChildEvents) => { end(): void };

export interface RelayProgram {
  /** Folder of the built programs. */
  readonly dist: string;
  readonly own: OwnNode;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

/** Runs the relay program beside the host. It ends with its stdin, so it never outlives this process. */
export function relayRunner({ dist, own, env, logger }: RelayProgram): RunRelay {
  return ({ port, lan, names }, on) => {
    const run = ownNodeRun(join(dist, 'relay', 'main.js'), own);
    const listen = [LOOPBACK, ...(lan === null ? [] : [lan])];
    const page = join(dist, 'renderer', 'phone');
    const args = [
      ...run.args,
      ...listen.flatMap((host) => ['--listen', `${host}:${port}`]),
      ...names.flatMap((name) => ['--name', name]),
      // Without it devices that have the page still connect.
      ...(existsSync(page) ? ['--serve', page] : []),
      '--end-with-stdin',
    ];
    const child = spawn(run.command, args, {
      env: { ...kept(env), ...run.env },
      stdio: 'pipe',
      windowsHide: true,
    });
    let lastLine = '';
    let isOver = false;
    const over = (words: string) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(killing);
      on.ended({ isTaken: lastLine.includes('EADDRINUSE'), words });
    };
    let killing: NodeJS.Timeout | undefined;
    createInterface({ input: child.stdout }).once('line', () => on.ready());
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastLine = line.includes('EADDRINUSE') || lastLine === '' ? line : lastLine;
      logger.info({ line: line.slice(0, MAX_LINE_CHARS) }, 'relay');
    });
    // One that is gone while we write to it tells so by `exit`.
    child.stdin.on('error', () => {});
    child.on('error', (error) => over(error.message));
    child.on('close', (code, signal) => over(`it ended with ${signal ?? String(code)}`));
    return {
      end: () => {
        child.stdin.end();
        killing ??= setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS).unref();
      },
    };
  };
}

/** A port of loopback that nobody listens at now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, resolve);
  });
  // `address()` is only null before listen and a string only for pipes.
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return port;
}

function kept(env: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ENV_NAMES) {
    const value = env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
