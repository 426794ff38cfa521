import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../support/nats-server.ts';

const START_LIMIT_MS = 10_000;
const POLL_MS = 20;

/** Debian's redis-server on loopback, which keeps nothing. */
export class BenchRedis {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess;

  private constructor(port: number, folder: string, child: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#child = child;
  }

  static async start(): Promise<BenchRedis> {
    const [port = 0] = await freePorts(1);
    const folder = mkdtempSync(join(tmpdir(), 'redis-'));
    const redis = new BenchRedis(port, folder, run(port, folder));
    await redis.#answers();
    return redis;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    if (this.#child.kill('SIGKILL')) await ended;
  }

  async again(): Promise<void> {
    this.#child = run(this.port, this.#folder);
    await this.#answers();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    const untilMs = Date.now() + START_LIMIT_MS;
    while (!(await isOpen(this.port))) {
      if (Date.now() > untilMs) throw new Error('redis-server does not answer.');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

function run(port: number, folder: string): ChildProcess {
  const options = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return spawn('redis-server', args, { stdio: 'ignore' });
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  return await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}
