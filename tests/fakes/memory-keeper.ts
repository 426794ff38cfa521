import { Emitter } from '../../src/base/emitter.ts';
import {
  KeeperRefusal,
  type AgentPipes,
  type WriteResult,
} from '../../src/host/keeper-link/agent-pipes.ts';
import {
  REFUSALS,
  type AgentProcess,
  type InstanceStatus,
  type KeeperNotice,
  type SpawnSpec,
} from '../../src/protocol/keeper.ts';

/** What a scripted agent can do. Called in the keeper's place, so nothing of it needs a process. */
export interface MemoryAgentIo {
  readonly spec: SpawnSpec;
  say(line: string): void;
  sayOversize(bytes: number): void;
  complain(text: string): void;
  exit(code: number): void;
  /** Replaces the earlier listener. Lines that came before the first one are delivered to it. */
  onLine(listener: (line: string) => void): void;
}

/** Runs when the command it is registered under is spawned. */
export type MemoryAgent = (io: MemoryAgentIo) => void;

type Spooled = { readonly line: string } | { readonly bytes: number };

interface Held {
  status: InstanceStatus;
  readonly spooled: Spooled[];
  readonly written: string[];
  /** Besides its first one. */
  readonly below: AgentProcess[];
  heard: ((line: string) => void) | null;
  unheard: string;
}

/**
 * A keeper without processes: `connect` gives a host its pipes, and may be called again for the
 * next host, which closes the ones before. Kept honest by tests/contracts/agent-pipes.ts.
 */
export class MemoryKeeper {
  readonly #agents: Readonly<Record<string, MemoryAgent>>;
  readonly #held = new Map<string, Held>();
  #pipes: MemoryPipes | null = null;
  #pids = 1_000;
  /** Answers only what the first version knew. */
  isOlder = false;

  constructor(agents: Readonly<Record<string, MemoryAgent>>) {
    this.#agents = agents;
  }

  connect(): MemoryPipes {
    this.#pipes?.close('another host took over');
    this.#pipes = new MemoryPipes(this);
    return this.#pipes;
  }

  /** A process of the instance starts another one, below itself or below `parent`; returns its pid. */
  startBelow(instance: string, parent = this.get(instance).status.pid ?? 0): number {
    const pid = this.#pids++;
    this.get(instance).below.push({ pid, startedAt: String(pid), parent });
    return pid;
  }

  endBelow(instance: string, pid: number): void {
    const { below } = this.get(instance);
    below.splice(
      below.findIndex((each) => each.pid === pid),
      1,
    );
  }

  /** Its agents go with it, as with a real one. */
  die(): void {
    this.#held.clear();
    this.#pipes?.close('the keeper is gone');
    this.#pipes = null;
  }

  /** All stdin lines an instance was given. */
  written(instance: string): readonly string[] {
    return this.get(instance).written;
  }

  statuses(): InstanceStatus[] {
    return [...this.#held.values()].map(({ status }) => status);
  }

  get(instance: string): Held {
    const held = this.#held.get(instance);
    if (held === undefined)
      throw new KeeperRefusal(REFUSALS.unknownInstance, `There is no ${instance}`);
    return held;
  }

  forget(instance: string): void {
    if (this.get(instance).status.state === 'running')
      throw new KeeperRefusal(REFUSALS.running, `${instance} runs`);
    this.#held.delete(instance);
  }

  spawn(spec: SpawnSpec): InstanceStatus {
    const known = this.#held.get(spec.instance);
    if (known !== undefined) return known.status;
    const agent = this.#agents[spec.command];
    const held: Held = {
      status: {
        instance: spec.instance,
        pid: agent === undefined ? null : this.#pids++,
        state: agent === undefined ? 'exited' : 'running',
        code: null,
        signal: null,
        spawnError: agent === undefined ? 'ENOENT' : null,
        lastOffset: 0,
        ackedOffset: 0,
        lastWritten: 0,
      },
      spooled: [],
      written: [],
      below: [],
      heard: null,
      unheard: '',
    };
    this.#held.set(spec.instance, held);
    agent?.({
      spec,
      say: (line) => this.#take(held, { line }),
      sayOversize: (bytes) => this.#take(held, { bytes }),
      complain: (text) => {
        held.unheard = (held.unheard + text).slice(-4_096);
        this.#pipes?.pump(spec.instance);
      },
      exit: (code) => this.exit(spec.instance, code, null),
      onLine: (listener) => {
        const first = held.heard === null ? held.written.slice() : [];
        held.heard = listener;
        for (const line of first) listener(line);
      },
    });
    return held.status;
  }

  exit(instance: string, code: number | null, signal: string | null): void {
    const held = this.get(instance);
    if (held.status.state === 'exited') return;
    held.status = { ...held.status, state: 'exited', code, signal };
    this.#pipes?.pump(instance);
  }

  #take(held: Held, line: Spooled): void {
    if (held.status.state === 'exited') return;
    held.spooled.push(line);
    held.status = { ...held.status, lastOffset: held.spooled.length };
    this.#pipes?.pump(held.status.instance);
  }
}

interface Cursor {
  next: number;
  caughtUpAt: number | null;
  saidExited: boolean;
}

/** One host's end. Notices come after the call that caused them has returned. */
export class MemoryPipes implements AgentPipes {
  readonly notices = new Emitter<KeeperNotice>();
  readonly closed = new Emitter<string>();
  readonly #keeper: MemoryKeeper;
  readonly #cursors = new Map<string, Cursor>();
  #closedBecause: string | null = null;

  constructor(keeper: MemoryKeeper) {
    this.#keeper = keeper;
  }

  async list(): Promise<readonly InstanceStatus[]> {
    this.#check();
    return this.#keeper.statuses();
  }

  async spawn(spec: SpawnSpec): Promise<InstanceStatus> {
    this.#check();
    return this.#keeper.spawn(spec);
  }

  async attach(instance: string, after: number): Promise<InstanceStatus> {
    this.#check();
    const { status } = this.#keeper.get(instance);
    const next = Math.max(after, status.ackedOffset) + 1;
    this.#cursors.set(instance, { next, caughtUpAt: status.lastOffset, saidExited: false });
    this.pump(instance);
    return status;
  }

  async write(instance: string, n: number, line: string): Promise<WriteResult> {
    this.#check();
    const held = this.#keeper.get(instance);
    const { lastWritten, state } = held.status;
    if (n <= lastWritten) return { lastWritten, duplicate: true };
    if (n > lastWritten + 1)
      throw new KeeperRefusal(REFUSALS.gap, `Line ${n} cannot follow line ${lastWritten}`);
    if (/[\n\r]/.test(line)) throw new KeeperRefusal(REFUSALS.badRequest, 'write takes one line');
    if (state === 'exited') throw new KeeperRefusal(REFUSALS.exited, `${instance} has exited`);
    held.written.push(line);
    held.status = { ...held.status, lastWritten: n };
    held.heard?.(line);
    return { lastWritten: n, duplicate: false };
  }

  ack(instance: string, offset: number): void {
    if (
      this.#closedBecause !== null ||
      !this.#keeper.statuses().some((status) => status.instance === instance)
    )
      return;
    const held = this.#keeper.get(instance);
    const ackedOffset = Math.min(held.status.lastOffset, Math.max(offset, held.status.ackedOffset));
    held.status = { ...held.status, ackedOffset };
  }

  async end(instance: string): Promise<void> {
    this.#check();
    this.#keeper.get(instance);
    this.#keeper.exit(instance, null, 'SIGTERM');
  }

  async processes(instance: string): Promise<readonly AgentProcess[]> {
    this.#check();
    const { status, below } = this.#keeper.get(instance);
    if (this.#keeper.isOlder)
      throw new KeeperRefusal(REFUSALS.badRequest, 'there is no "processes"');
    const { pid, state } = status;
    return pid === null || state === 'exited'
      ? []
      : [{ pid, startedAt: String(pid), parent: 1 }, ...below];
  }

  async forget(instance: string): Promise<void> {
    this.#check();
    this.#keeper.forget(instance);
    this.#cursors.delete(instance);
  }

  close(reason: string): void {
    if (this.#closedBecause !== null) return;
    this.#closedBecause = reason;
    this.closed.emit(reason);
  }

  /** Tells what is new of an attached instance. For the keeper. */
  pump(instance: string): void {
    queueMicrotask(() => {
      const cursor = this.#cursors.get(instance);
      if (cursor !== undefined && this.#closedBecause === null) this.#pumpNow(instance, cursor);
    });
  }

  #pumpNow(instance: string, cursor: Cursor): void {
    const held = this.#keeper.get(instance);
    const text = held.unheard;
    held.unheard = '';
    if (text !== '') this.notices.emit({ tell: 'stderr', instance, text });
    for (
      let spooled = held.spooled[cursor.next - 1];
      spooled !== undefined;
      spooled = held.spooled[cursor.next - 1]
    ) {
      const offset = cursor.next;
      cursor.next += 1;
      this.notices.emit({
        ...('line' in spooled ? { tell: 'line' } : { tell: 'oversize' }),
        instance,
        offset,
        ...spooled,
      } as KeeperNotice);
      this.#sayCaughtUp(instance, cursor);
    }
    this.#sayCaughtUp(instance, cursor);
    if (held.status.state !== 'exited' || cursor.saidExited) return;
    cursor.saidExited = true;
    this.notices.emit({ tell: 'exited', status: held.status });
  }

  #sayCaughtUp(instance: string, cursor: Cursor): void {
    const offset = cursor.caughtUpAt;
    if (offset === null || cursor.next <= offset) return;
    cursor.caughtUpAt = null;
    this.notices.emit({ tell: 'caughtUp', instance, offset });
  }

  #check(): void {
    if (this.#closedBecause !== null)
      throw new Error(`The connection is closed (${this.#closedBecause})`);
  }
}
