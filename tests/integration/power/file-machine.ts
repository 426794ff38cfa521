import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { build } from 'vite';
import { nodeConfig } from '../../../build/vite.node.mjs';
import { connectSocket } from '../../../src/local/socket-transport.ts';

/** Its clocks go so much faster: a lease is over in 6 s. */
const PACE = 10;
const LIMIT_MS = 20_000;

/** The holder of tests/fakes/file-holder.ts, built, and machines for it. */
export interface Machines {
  machine(name: string): Machine;
  remove(): void;
}

export async function buildMachines(): Promise<Machines> {
  const scratch = mkdtempSync(join(tmpdir(), 'porchlight-holder-'));
  const dist = join(scratch, 'dist');
  await build(nodeConfig({ entry: 'tests/fakes/file-holder.ts', out: 'file-holder.js' }, dist));
  return {
    machine: (name) => new Machine(join(scratch, name), join(dist, 'file-holder.js')),
    remove: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

/** A folder that is a machine, with one home on it. */
export class Machine {
  readonly folder: string;
  readonly home: string;
  readonly #program: string;

  constructor(folder: string, program: string) {
    this.#program = program;
    this.folder = folder;
    this.home = join(this.folder, 'home');
    mkdirSync(this.home, { recursive: true });
    for (const id of ['mains', 'battery']) writeFileSync(this.#setting(id), 'before');
  }

  start(args: readonly string[] = [], kill = ''): ChildProcess {
    return spawn(process.execPath, [this.#program, ...args], {
      env: {
        ...process.env,
        PORCHLIGHT_HOME: this.home,
        MACHINE: this.folder,
        PACE: String(PACE),
        KILL: kill,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  get settings(): string[] {
    return ['mains', 'battery'].map((id) => readFileSync(this.#setting(id), 'utf8'));
  }

  get entries(): string[] {
    const journal = join(this.folder, 'journal');
    return existsSync(journal) ? readdirSync(journal).filter((name) => name.endsWith('.json')) : [];
  }

  /** Holder, watchdog and children that are left: all have the machine in their environment. */
  get processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid && isOf(pid, `MACHINE=${this.folder}\0`));
  }

  stepsOf(role: string): number {
    const lines = readFileSync(join(this.folder, 'steps'), 'utf8').split('\n');
    return Number(lines.find((line) => line.startsWith(role))?.split(' ')[1]);
  }

  /** The whole life of a holder: it holds, lets go, and ends; or it is killed on the way. */
  async live(kill = ''): Promise<void> {
    const holder = this.start([], kill);
    const ended = once(holder, 'exit');
    const host = await this.host(holder);
    if (host !== null) {
      await host.ask({ do: 'hello', protocol: 1, hostPid: process.pid, hostVersion: '1' });
      await host.ask({ do: 'want', idle: true, lid: true, why: 'work' });
      await host.ask({ do: 'want', idle: false, lid: false, why: '' });
      await host.ask({ do: 'stop' });
      host.close();
    }
    await ended;
  }

  /** It holds, and is killed; its watchdog is killed as well, on its way. */
  async holdAndDie(kill: string): Promise<void> {
    const holder = this.start([], kill);
    const ended = once(holder, 'exit');
    const host = await this.host(holder);
    await host?.ask({ do: 'hello', protocol: 1, hostPid: process.pid, hostVersion: '1' });
    await host?.ask({ do: 'want', idle: true, lid: true, why: 'work' });
    holder.kill('SIGKILL');
    host?.close();
    await ended;
  }

  async undo(): Promise<{ code: unknown; words: string }> {
    const child = this.start(['--undo']);
    let words = '';
    child.stdout?.on('data', (chunk: Buffer) => (words += chunk.toString()));
    const [code] = await once(child, 'exit');
    return { code, words };
  }

  async isQuiet(): Promise<void> {
    const until = performance.now() + LIMIT_MS;
    while (this.processes.length > 0) {
      if (performance.now() > until) throw new Error(`still there: ${this.processes.join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async host(holder: ChildProcess): Promise<HostEnd | null> {
    while (holder.exitCode === null && holder.signalCode === null) {
      try {
        return new HostEnd(await connectSocket(join(this.home, 'holder.sock'), 1_000));
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    return null;
  }

  #setting(id: string): string {
    return join(this.folder, `setting-${id}`);
  }
}

/** A host that asks one thing after the other, of a holder that may be gone. */
export class HostEnd {
  readonly #socket: Socket;
  readonly #lines: Interface;
  readonly #closed: Promise<unknown>;
  #id = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    this.#closed = once(socket, 'close').catch(() => {});
    this.#lines = createInterface({ input: socket });
    this.#lines.on('error', () => {});
  }

  async ask(request: object): Promise<void> {
    if (this.#socket.destroyed) return;
    const id = ++this.#id;
    const answered = new Promise<void>((resolve) => {
      const onLine = (line: string): void => {
        if (!line.startsWith(`{"id":${id},`)) return;
        this.#lines.off('line', onLine);
        resolve();
      };
      this.#lines.on('line', onLine);
    });
    this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
    await Promise.race([answered, this.#closed]);
  }

  close(): void {
    this.#socket.destroy();
  }
}

function isOf(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
  } catch {
    // Gone meanwhile, or another user's.
    return false;
  }
}
