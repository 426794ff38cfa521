import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { withDeadline } from '../../../src/base/deadline.ts';
import { RELAY_PATH } from '../../../src/protocol/relay.ts';

const relayFile = join(import.meta.dirname, '..', '..', '..', 'dist', 'relay', 'main.js');
const memoryFile = join(import.meta.dirname, 'tell-memory.mjs');
const LIMIT_MS = 20_000;

/** What limits are for is not what is measured. */
const NO_LIMITS = [
  ...['--max-connections', '100000', '--max-per-address', '100000', '--max-per-channel', '100000'],
  ...['--connects-per-second', '100000'],
  ...['--channel-bytes-per-second', '100000000000', '--address-bytes-per-second', '100000000000'],
];

/** A process of the bench with an IPC channel: one answer for each question. */
export class BenchProcess {
  readonly child: ChildProcess;

  constructor(file: string, args: readonly string[] = [], execArgv: readonly string[] = []) {
    this.child = fork(file, args, {
      execArgv: [...execArgv],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
  }

  static script(name: string, args: readonly string[] = []): BenchProcess {
    return new BenchProcess(join(import.meta.dirname, name), args);
  }

  async heard<T>(limitMs = LIMIT_MS): Promise<T> {
    const ended = once(this.child, 'exit').then(() => {
      throw new Error(`${this.child.spawnargs[1]} ended`);
    });
    const answer = once(this.child, 'message').then(([message]) => message as T);
    ended.catch(() => {});
    return await withDeadline(Promise.race([answer, ended]), limitMs, 'An answer');
  }

  async ask<T>(question: object, limitMs = LIMIT_MS): Promise<T> {
    const answer = this.heard<T>(limitMs);
    this.child.send(question);
    return await answer;
  }

  async memory(): Promise<NodeJS.MemoryUsage> {
    return (await this.ask<{ memory: NodeJS.MemoryUsage }>({ collect: true })).memory;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}

export interface BenchRelay {
  readonly process: BenchProcess;
  readonly socketUrl: string;
  readonly authority: string;
}

/** The built relay; without limits unless they are what counts. */
export async function startRelay(
  more: readonly string[] = [],
  limits: readonly string[] = NO_LIMITS,
): Promise<BenchRelay> {
  const args = ['--listen', '127.0.0.1:0', ...limits, ...more];
  const process = new BenchProcess(relayFile, args, ['--import', memoryFile]);
  const { stdout } = process.child;
  if (stdout === null) throw new Error('The relay has no stdout.');
  const ended = once(process.child, 'exit').then(() => {
    throw new Error('The relay ended instead of listening.');
  });
  const ready = Promise.race([once(createInterface({ input: stdout }), 'line'), ended]);
  const [line] = await withDeadline(ready, LIMIT_MS, 'Starting the relay');
  const { listening } = JSON.parse(String(line)) as { listening: string[] };
  const { host: authority } = new URL(String(listening[0]));
  return { process, authority, socketUrl: `ws://${authority}${RELAY_PATH}` };
}
