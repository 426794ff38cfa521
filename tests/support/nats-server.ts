import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

const PROGRAM = 'nats-server';
const START_LIMIT_MS = 20_000;
const POLL_MS = 20;

/** Whether no NATS can be run here, said aloud: for `describe.skipIf`. */
export function isWithoutNats(): boolean {
  if (spawnSync(PROGRAM, ['--version']).status === 0) return false;
  process.stderr.write(`\nSKIPPED: tests with a real NATS: ${PROGRAM} is not on the PATH\n\n`);
  return true;
}

/** Below the ports that the system gives to whoever dials, so that nobody takes one between two starts. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => {
      const { port: got } = server.address() as AddressInfo; // of a TCP server it is never a string
      server.close(() => resolve(got === port));
    });
  });
}

export interface NatsServerOptions {
  readonly name: string;
  /** Its own; made here, and removed by whoever made what is around it. */
  readonly folder: string;
  readonly port: number;
  /** Of its HTTP monitor. */
  readonly monitorPort: number;
  readonly scheme: 'nats' | 'tls';
  /** More lines of its configuration. */
  readonly config: string;
}

/** One nats-server on loopback. It dies with this process, however that ends. */
export class NatsServer {
  readonly options: NatsServerOptions;
  #child: ChildProcess | null = null;
  #watchdog: ChildProcess | null = null;

  constructor(options: NatsServerOptions) {
    this.options = options;
  }

  get name(): string {
    return this.options.name;
  }

  get url(): string {
    return `${this.options.scheme}://127.0.0.1:${this.options.port}`;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Also after a kill: the same ports, and what it has stored. Resolves when it says that it is healthy. */
  async start({ isWaited = true } = {}): Promise<void> {
    if (this.#child !== null) throw new Error(`${this.name} runs already`);
    const { folder } = this.options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, 'nats.conf');
    await writeFile(file, this.#config(), { mode: 0o600 });
    const child = spawn(PROGRAM, ['-c', file, '-l', this.logFile], { stdio: 'ignore' });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    this.#child = child;
    // Its stdin ends with this process, also when that is killed.
    this.#watchdog = spawn('sh', ['-c', 'cat >/dev/null; kill -9 "$0"', String(child.pid)], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#watchdog.unref();
    child.once('exit', () => {
      if (this.#child === child) this.#ended();
    });
    if (isWaited) await this.healthy();
  }

  /** SIGKILL, as a machine's end would be: nothing is said to anybody. */
  async kill(): Promise<void> {
    await this.#signal('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#signal('SIGTERM');
  }

  /** A server that hangs: its sockets stay open, and nothing comes. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** What it has stored, away; only while it does not run. */
  async wipe(): Promise<void> {
    if (this.#child !== null) throw new Error(`${this.name} runs: stop it before it is wiped`);
    await rm(this.storeFolder, { recursive: true, force: true });
  }

  get storeFolder(): string {
    return join(this.options.folder, 'jetstream');
  }

  get logFile(): string {
    return join(this.options.folder, 'nats.log');
  }

  async healthy(limitMs = START_LIMIT_MS): Promise<void> {
    const untilMs = Date.now() + limitMs;
    for (;;) {
      if (await this.#answersHealthy()) return;
      if (this.#child === null || Date.now() > untilMs) {
        const log = await readFile(this.logFile, 'utf8').catch(() => '(no log)');
        throw new Error(`${this.name} did not get healthy:\n${log.slice(-3_000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** A page of its monitor, as `/jsz`; null while it does not answer. */
  async monitor(path: string): Promise<unknown> {
    try {
      const url = `http://127.0.0.1:${this.options.monitorPort}${path}`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
      return await answer.json();
    } catch {
      return null;
    }
  }

  async #answersHealthy(): Promise<boolean> {
    const said = await this.monitor('/healthz');
    return typeof said === 'object' && said !== null && 'status' in said && said.status === 'ok';
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // One that was paused takes no SIGTERM.
    child.kill('SIGCONT');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(timer);
  }

  #ended(): void {
    this.#child = null;
    this.#watchdog?.kill('SIGKILL');
    this.#watchdog = null;
  }

  #config(): string {
    const { name, port, monitorPort, config } = this.options;
    return `server_name: "${name}"
listen: "127.0.0.1:${port}"
http: "127.0.0.1:${monitorPort}"
jetstream: { store_dir: "${this.storeFolder}", max_memory_store: 67108864, max_file_store: 1073741824 }
${config}
`;
  }
}
