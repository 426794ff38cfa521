import type { Logger } from '../../../base/log.ts';
import type { InstanceId } from '../../../protocol/ids.ts';
import type { InstanceStatus, KeeperNotice, SpawnSpec } from '../../../protocol/keeper.ts';
import type { EventLog, LogWriter } from '../../event-log/event-log.ts';
import { StoreFull, type Store } from '../../event-log/store.ts';
import type { AgentPipes } from '../../keeper-link/agent-pipes.ts';
import { parseInstanceId } from './acp-memo.ts';

/** A line of an agent's stdout, or the size of one that was over the limit. */
export type AgentLine = { readonly text: string } | { readonly oversizeBytes: number };

/** What the driver makes of what its processes say. All run inside one transaction. */
export interface ProcessEvents {
  lines(tx: LogWriter, instance: InstanceId, lines: readonly AgentLine[]): void;
  /** The process is gone, after its last line. `status` is null when its keeper is gone too. */
  exited(tx: LogWriter, instance: InstanceId, status: InstanceStatus | null, stderr: string): void;
  /** The keeper has every outbox line up to `n`. Outside a transaction: there is mostly nothing to note. */
  delivered(instance: InstanceId, n: number): void;
}

interface Intake {
  lines: AgentLine[];
  lastOffset: number;
  /** Highest offset committed; what is at or below it is a replay. */
  committed: number;
  exit: InstanceStatus | null;
  scheduled: boolean;
  /** The store refused: lines stay with the keeper, unacknowledged, until the retry. */
  stalled: boolean;
  /** Replayed up to now; before that nothing is sent (an answer may have been voided). */
  caughtUp: boolean;
  sentUpTo: number;
  stderr: string;
}

const STALL_RETRY_MS = 2_000;
const STDERR_TAIL_CHARS = 2_000;

/**
 * Adapter processes as exactly-once line pipes. In: lines and their effects commit together, then
 * surfaces hear of it, then the keeper may forget the lines. Out: outbox rows, committed before,
 * go out in order; after a reconnect nothing is sent before the spool is drained.
 */
export class AcpProcesses {
  readonly #pipes: AgentPipes;
  readonly #log: EventLog;
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #intakes = new Map<InstanceId, Intake>();
  readonly #events: ProcessEvents;
  readonly #stopNotices: () => void;
  #onStalled: (message: string | null) => void = () => {};

  constructor(deps: {
    pipes: AgentPipes;
    log: EventLog;
    store: Store;
    logger: Logger;
    events: ProcessEvents;
  }) {
    this.#pipes = deps.pipes;
    this.#log = deps.log;
    this.#store = deps.store;
    this.#logger = deps.logger;
    this.#events = deps.events;
    this.#stopNotices = this.#pipes.notices.on((notice) => this.#onNotice(notice));
  }

  /** Told when the disk is full (with the words for it) and when it is over (null). */
  set onStalled(listener: (message: string | null) => void) {
    this.#onStalled = listener;
  }

  close(): void {
    this.#stopNotices();
  }

  /** Takes up the processes that outlived an earlier host, and declares the others gone. */
  async restore(): Promise<void> {
    const held = new Map((await this.#pipes.list()).map((status) => [status.instance, status]));
    for (const row of this.#store.instances()) {
      const status = held.get(row.instance);
      held.delete(row.instance);
      if (status === undefined) this.#finish(row.instance, null);
      else await this.#attach(row.instance, row.spoolOffset, status.lastWritten);
    }
    for (const orphan of held.keys()) await this.#end(parseInstanceId(orphan));
  }

  /** Starts a process whose row is committed. A start that fails arrives as `exited`. */
  async spawn(instance: InstanceId, spec: Omit<SpawnSpec, 'instance'>): Promise<void> {
    try {
      await this.#pipes.spawn({ instance, ...spec });
      await this.#attach(instance, 0, 0);
    } catch (error) {
      this.#logger.error({ instance, err: error }, 'agent could not be spawned');
      this.#finish(instance, {
        instance,
        pid: null,
        state: 'exited',
        code: null,
        signal: null,
        spawnError: error instanceof Error ? error.message : String(error),
        lastOffset: 0,
        ackedOffset: 0,
        lastWritten: 0,
      });
    }
  }

  /** Puts a line into the outbox; it leaves after the commit. Returns its number. */
  put(tx: LogWriter, instance: InstanceId, message: object): number {
    tx.afterCommit(() => this.#send(instance));
    return tx.putOutbox(instance, JSON.stringify(message));
  }

  /** Whether outbox line `n` has been handed to the keeper. */
  hasSent(instance: InstanceId, n: number): boolean {
    return (this.#intakes.get(instance)?.sentUpTo ?? 0) >= n;
  }

  /** Ends the process and all its descendants; `exited` follows. */
  end(instance: InstanceId): void {
    void this.#end(instance);
  }

  async #end(instance: InstanceId): Promise<void> {
    try {
      await this.#pipes.end(instance);
      if (!this.#intakes.has(instance)) await this.#pipes.forget(instance);
    } catch (error) {
      this.#logger.error({ instance, err: error }, 'agent could not be ended');
    }
  }

  async #attach(instance: InstanceId, offset: number, lastWritten: number): Promise<void> {
    this.#intakes.set(instance, {
      lines: [],
      lastOffset: offset,
      committed: offset,
      exit: null,
      scheduled: false,
      stalled: false,
      caughtUp: false,
      sentUpTo: lastWritten,
      stderr: '',
    });
    await this.#pipes.attach(instance, offset);
  }

  #onNotice(notice: KeeperNotice): void {
    const id = notice.tell === 'exited' ? notice.status.instance : notice.instance;
    const intake = this.#intakes.get(parseInstanceId(id));
    if (intake === undefined) return;
    const instance = parseInstanceId(id);
    switch (notice.tell) {
      case 'line':
        return this.#take(instance, intake, notice.offset, { text: notice.line });
      case 'oversize':
        return this.#take(instance, intake, notice.offset, { oversizeBytes: notice.bytes });
      case 'stderr':
        intake.stderr = (intake.stderr + notice.text).slice(-STDERR_TAIL_CHARS);
        return this.#logger.debug({ instance, chars: notice.text.length }, 'agent wrote to stderr');
      case 'caughtUp':
        intake.caughtUp = true;
        this.#noteDelivered(instance, intake.sentUpTo);
        return this.#schedule(instance, intake);
      case 'exited':
        intake.exit = notice.status;
        return this.#schedule(instance, intake);
    }
  }

  #take(instance: InstanceId, intake: Intake, offset: number, line: AgentLine): void {
    // After a stall, lines sent before the keeper heard of it may come ahead of the replay.
    if (intake.stalled || offset !== intake.lastOffset + 1) return;
    intake.lines.push(line);
    intake.lastOffset = offset;
    this.#schedule(instance, intake);
  }

  /** One commit for all lines of a socket read; those that arrive meanwhile form the next. */
  #schedule(instance: InstanceId, intake: Intake): void {
    if (intake.scheduled) return;
    intake.scheduled = true;
    queueMicrotask(() => {
      intake.scheduled = false;
      this.#drain(instance, intake);
    });
  }

  #drain(instance: InstanceId, intake: Intake): void {
    if (intake.stalled || this.#intakes.get(instance) !== intake) return;
    if (intake.lines.length > 0 && !this.#commitLines(instance, intake)) return;
    if (intake.caughtUp) this.#send(instance);
    if (intake.exit !== null) this.#finish(instance, intake.exit);
  }

  #commitLines(instance: InstanceId, intake: Intake): boolean {
    const lines = intake.lines;
    const offset = intake.lastOffset;
    try {
      this.#log.commit((tx) => {
        this.#events.lines(tx, instance, lines);
        tx.setSpoolOffset(instance, offset);
      });
    } catch (error) {
      this.#stall(instance, intake, error);
      return false;
    }
    intake.lines = [];
    intake.committed = offset;
    this.#pipes.ack(instance, offset);
    return true;
  }

  /** Nothing is lost: what was not committed is still with the keeper, and is asked for again. */
  #stall(instance: InstanceId, intake: Intake, error: unknown): void {
    if (!(error instanceof StoreFull)) throw error;
    intake.stalled = true;
    intake.lines = [];
    intake.lastOffset = intake.committed;
    this.#logger.error({ instance }, 'the disk is full; waiting to take in events');
    this.#onStalled(error.message);
    const timer = setTimeout(() => {
      if (this.#intakes.get(instance) !== intake) return;
      intake.stalled = false;
      intake.caughtUp = false;
      this.#onStalled(null);
      void this.#pipes.attach(instance, intake.committed).catch((cause: unknown) => {
        this.#logger.error({ instance, err: cause }, 'could not attach again');
      });
    }, STALL_RETRY_MS);
    timer.unref();
  }

  #send(instance: InstanceId): void {
    const intake = this.#intakes.get(instance);
    if (intake === undefined || !intake.caughtUp || intake.exit !== null) return;
    for (const row of this.#store.outbox(instance, intake.sentUpTo)) {
      intake.sentUpTo = row.n;
      this.#pipes.write(instance, row.n, row.line).then(
        () => this.#noteDelivered(instance, row.n),
        (error: unknown) =>
          this.#logger.warn({ instance, n: row.n, err: error }, 'a line did not reach the agent'),
      );
    }
  }

  /** A failure here costs nothing: the next start sees from the keeper's count what was written. */
  #noteDelivered(instance: InstanceId, n: number): void {
    if (!this.#intakes.has(instance)) return;
    try {
      this.#events.delivered(instance, n);
      this.#store.trimOutbox(instance, n);
    } catch (error) {
      this.#logger.warn({ instance, n, err: error }, 'a delivery could not be noted');
    }
  }

  #finish(instance: InstanceId, status: InstanceStatus | null): void {
    const stderr = this.#intakes.get(instance)?.stderr ?? '';
    try {
      this.#log.commit((tx) => {
        this.#events.exited(tx, instance, status, stderr);
        tx.dropInstance(instance);
      });
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      this.#onStalled(error.message);
      setTimeout(() => this.#finish(instance, status), STALL_RETRY_MS).unref();
      return;
    }
    this.#intakes.delete(instance);
    if (status === null) return;
    void this.#pipes.forget(instance).catch((error: unknown) => {
      this.#logger.warn({ instance, err: error }, 'the keeper did not forget an agent');
    });
  }
}
