import type { Logger } from '../../../base/log.ts';
import type { InstanceId } from '../../../protocol/ids.ts';
import {
  REFUSALS,
  type InstanceStatus,
  type KeeperNotice,
  type SpawnSpec,
} from '../../../protocol/keeper.ts';
import type { EventLog, LogWriter } from '../../event-log/event-log.ts';
import { StoreFull, type Store } from '../../event-log/store.ts';
import { KeeperRefusal, type AgentPipes } from '../../keeper-link/agent-pipes.ts';
import { parseInstanceId } from './acp-memo.ts';

/** A line of an agent's stdout, or the size of one that was over the limit. */
export type AgentLine = { readonly text: string } | { readonly oversizeBytes: number };

/** What the driver makes of what its processes say. All run inside one transaction. */
export interface ProcessEvents {
  lines(tx: LogWriter, instance: InstanceId, lines: readonly AgentLine[]): void;
  /** Taking in this one line failed through a fault of ours; it is left out. */
  fault(tx: LogWriter, instance: InstanceId, line: AgentLine): void;
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
  /** The keeper has told all that was spooled; once that is committed, what waits in the outbox goes. */
  sendWhenDrained: boolean;
  sentUpTo: number;
  /** What the keeper has said it wrote; what is over it may have to go again. */
  writtenUpTo: number;
  /** The keeper refused a line; it and those after it go again later. */
  resending: boolean;
  stderr: string;
}

const STALL_RETRY_MS = 2_000;
const RESEND_MS = 1_000;
const END_AGAIN_MS = 10_000;
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
  /** Whose lines the store has refused. */
  readonly #stalled = new Set<InstanceId>();
  #isClosed = false;
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

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** From here on nothing is taken in, sent or noted: the store is about to close. */
  close(): void {
    this.#isClosed = true;
    this.#stopNotices();
  }

  /** Takes up the processes that outlived an earlier host, and declares the others gone. */
  async restore(): Promise<void> {
    const held = new Map((await this.#pipes.list()).map((status) => [status.instance, status]));
    for (const row of this.#store.instances()) {
      const status = held.get(row.instance);
      // One that is ahead of its row lived on while a backup was put in place: no line would fit.
      const isAhead =
        status !== undefined &&
        (status.lastWritten > row.lastOut || status.ackedOffset > row.spoolOffset);
      if (status === undefined || isAhead) {
        this.#finish(row.instance, null);
        continue;
      }
      held.delete(row.instance);
      await this.#attach(row.instance, row.spoolOffset, status.lastWritten);
    }
    for (const orphan of held.keys()) void this.#end(parseInstanceId(orphan));
  }

  /** Starts a process whose row is committed. A start that fails arrives as `exited`. */
  async spawn(instance: InstanceId, spec: Omit<SpawnSpec, 'instance'>): Promise<void> {
    try {
      await this.#pipes.spawn({ instance, ...spec });
      await this.#attach(instance, 0, 0);
    } catch (error) {
      if (this.#isClosed) return;
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

  /** Whether outbox line `n` has been handed to the keeper; of one that is gone nobody knows. */
  hasSent(instance: InstanceId, n: number): boolean {
    return (this.#intakes.get(instance)?.sentUpTo ?? Infinity) >= n;
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
      if (isRefused(error, REFUSALS.unknownInstance)) return;
      this.#logger.error({ instance, err: error }, 'agent could not be ended');
      // Its sessions wait for its exit.
      if (this.#intakes.has(instance)) this.later(END_AGAIN_MS, () => this.end(instance));
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
      sendWhenDrained: false,
      sentUpTo: lastWritten,
      writtenUpTo: lastWritten,
      resending: false,
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
        intake.sendWhenDrained = true;
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
    if (this.#isClosed || intake.stalled || this.#intakes.get(instance) !== intake) return;
    if (intake.lines.length > 0 && !this.#commitLines(instance, intake)) return;
    if (intake.sendWhenDrained) {
      intake.sendWhenDrained = false;
      intake.caughtUp = true;
      this.#noteDelivered(instance, intake.writtenUpTo);
      this.#send(instance);
    }
    // Told ahead of a replay, an exit waits for the lines that came before it.
    if (intake.exit !== null && intake.committed >= intake.exit.lastOffset)
      this.#finish(instance, intake.exit);
  }

  #commitLines(instance: InstanceId, intake: Intake): boolean {
    const { lines, lastOffset } = intake;
    try {
      this.#commitUpTo(instance, intake, lastOffset, (tx) =>
        this.#events.lines(tx, instance, lines),
      );
    } catch (error) {
      if (error instanceof StoreFull) return this.#stall(instance, intake, error);
      this.#logger.error({ instance, err: error }, 'lines of an agent could not be taken in');
      if (!this.#commitEach(instance, intake)) return false;
    }
    intake.lines = [];
    this.#noteStalled(instance, null);
    this.#pipes.ack(instance, lastOffset);
    return true;
  }

  /** One line that cannot be taken in must not end the host, again and again, for all the others. */
  #commitEach(instance: InstanceId, intake: Intake): boolean {
    for (const line of intake.lines) {
      const offset = intake.committed + 1;
      try {
        this.#commitUpTo(instance, intake, offset, (tx) =>
          this.#events.lines(tx, instance, [line]),
        );
      } catch (error) {
        if (error instanceof StoreFull) return this.#stall(instance, intake, error);
        this.#logger.error({ instance, offset, err: error }, 'a line of an agent was left out');
        this.#commitUpTo(instance, intake, offset, (tx) => this.#events.fault(tx, instance, line));
      }
    }
    return true;
  }

  #commitUpTo(
    instance: InstanceId,
    intake: Intake,
    offset: number,
    work: (tx: LogWriter) => void,
  ): void {
    this.#log.commit((tx) => {
      work(tx);
      tx.setSpoolOffset(instance, offset);
    });
    intake.committed = offset;
  }

  /** Nothing is lost: what was not committed is still with the keeper, and is asked for again. */
  #stall(instance: InstanceId, intake: Intake, error: StoreFull): false {
    intake.stalled = true;
    intake.lines = [];
    intake.lastOffset = intake.committed;
    this.#logger.error({ instance }, 'the disk is full; waiting to take in events');
    this.#noteStalled(instance, error.message);
    this.#attachLater(instance, intake);
    return false;
  }

  #attachLater(instance: InstanceId, intake: Intake): void {
    this.later(STALL_RETRY_MS, () => {
      if (this.#intakes.get(instance) !== intake) return;
      intake.stalled = false;
      intake.caughtUp = false;
      intake.sendWhenDrained = false;
      this.#pipes.attach(instance, intake.committed).catch((cause: unknown) => {
        this.#logger.error({ instance, err: cause }, 'could not attach again');
        intake.stalled = true;
        this.#attachLater(instance, intake);
      });
    });
  }

  #noteStalled(instance: InstanceId, message: string | null): void {
    if (message !== null) this.#stalled.add(instance);
    else if (!this.#stalled.delete(instance) || this.#stalled.size > 0) return;
    this.#onStalled(message);
  }

  #send(instance: InstanceId): void {
    const intake = this.#intakes.get(instance);
    if (intake === undefined || this.#isClosed) return;
    if (!intake.caughtUp || intake.resending || intake.exit !== null) return;
    for (const row of this.#store.outbox(instance, intake.sentUpTo)) {
      intake.sentUpTo = row.n;
      this.#pipes.write(instance, row.n, row.line).then(
        () => {
          intake.writtenUpTo = Math.max(intake.writtenUpTo, row.n);
          this.#noteDelivered(instance, row.n);
        },
        (error: unknown) => this.#onNotWritten(instance, intake, row.n, error),
      );
    }
  }

  /** The keeper takes no later line before this one (it would be a gap), so all go again. */
  #onNotWritten(instance: InstanceId, intake: Intake, n: number, error: unknown): void {
    if (this.#isClosed || this.#intakes.get(instance) !== intake) return;
    this.#logger.warn({ instance, n, err: error }, 'a line did not reach the agent');
    // It takes no more lines: it has exited, or closed its stdin and is of no more use.
    if (isRefused(error, REFUSALS.exited)) return this.end(instance);
    intake.sentUpTo = Math.min(intake.sentUpTo, n - 1);
    if (intake.resending) return;
    intake.resending = true;
    this.later(RESEND_MS, () => {
      intake.resending = false;
      this.#send(instance);
    });
  }

  /** A failure here costs nothing: the next start sees from the keeper's count what was written. */
  #noteDelivered(instance: InstanceId, n: number): void {
    if (this.#isClosed || !this.#intakes.has(instance)) return;
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
      this.#noteStalled(instance, error.message);
      this.later(STALL_RETRY_MS, () => this.#finish(instance, status));
      return;
    }
    this.#intakes.delete(instance);
    this.#noteStalled(instance, null);
    // Ended first: one whose start was not heard of in time may run all the same.
    if (status !== null) void this.#end(instance);
  }

  /** Not once the host is leaving. */
  later(delayMs: number, act: () => void): void {
    setTimeout(() => {
      if (!this.#isClosed) act();
    }, delayMs).unref();
  }
}

function isRefused(error: unknown, code: string): boolean {
  return error instanceof KeeperRefusal && error.code === code;
}
