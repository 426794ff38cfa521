import { Emitter } from '../../base/emitter.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { CommandId } from '../../protocol/ids.ts';
import type { Params, Result } from '../../protocol/methods.ts';
import { laneOf } from '../command-lane.ts';
import type { Timers } from '../timers.ts';
import { isLeft, leaveMail, mayBeLeft } from './leave-mail.ts';
import type { CommandMethod, EntryMail, Lock, Mailbox, OutboxEntry, OutboxStore } from './ports.ts';

export const MAX_OUTBOX_ENTRIES = 200;
export const MAX_OUTBOX_BYTES = 16 * 1024 * 1024;
/** The host remembers command ids for so long; after that, sent again could mean done again. */
export const MAX_OUTBOX_AGE_MS = 7 * 24 * 60 * 60_000;
/** A page that was put to sleep may hold the lock for ever. The host does each command once anyway. */
const LOCK_LIMIT_MS = 10_000;
/** The link is up and the host gave no answer: asked again after this. */
const AGAIN_MS = 5_000;
/** The relay could not take a mail, or did not say so. */
const LEAVE_AGAIN_MS = 30_000;
/** Whether the time of what was left is over. */
const LEAVE_LATE_MS = 10 * 60_000;
/** A command may start an agent, or land work; its own limit at the host is shorter. */
const ANSWER_LIMIT_MS = 310_000;

/** Thrown when nothing more may wait; in words. */
export class OutboxFull extends Error {
  override name = 'OutboxFull';
}

export interface OutboxNeeds {
  readonly store: OutboxStore;
  readonly lock: Lock;
  readonly timers: Timers;
  /** Rejects with an {@link RpcFailure} when the host refuses, with anything else when it was not reached. */
  call<M extends CommandMethod>(method: M, params: Params<M>, limitMs: number): Promise<Result<M>>;
  /** Where commands are left while the host is away; absent: they wait here. */
  readonly mailbox?: Mailbox;
}

/** An entry as it stands now. */
export interface OutboxView extends OutboxEntry {
  /**
   * `left`: the relay has it for the host, which does it also without this device; see `mail.left`.
   * `mayBeLeft`: perhaps it has. Neither can be had back from there.
   */
  readonly state: 'waiting' | 'left' | 'mayBeLeft' | 'sending' | 'refused';
}

interface Listener {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * Commands wait here until the host has answered them, also while the page is closed. They are kept
 * before they are sent, and sent with the same command id until there is an answer: the host does
 * each once. What concerns one session goes in order; sessions do not wait for one another.
 */
export class Outbox {
  /** Oldest first. */
  readonly changed = new Emitter<readonly OutboxView[]>();
  readonly #needs: OutboxNeeds;
  #entries: readonly OutboxEntry[] = [];
  readonly #sending = new Set<CommandId>();
  readonly #listeners = new Map<CommandId, Listener>();
  /** Changes are written one after the other. */
  #writes: Promise<unknown> = Promise.resolve();
  #undo: () => void = () => {};
  #isUp = false;
  #isFlushing = false;
  #isLeaving = false;
  #isToLeaveMore = false;
  #cancelLeaving: () => void = () => {};
  /** Ends the wait for the lock when the host is here. */
  #leaving = new AbortController();
  readonly #tooBigToLeave = new Set<CommandId>();
  #isStopped = false;
  #wait = new AbortController();
  #wake: () => void = () => {};

  constructor(needs: OutboxNeeds) {
    this.#needs = needs;
  }

  get entries(): readonly OutboxView[] {
    return this.#entries.map((entry) => ({ ...entry, state: this.#stateOf(entry) }));
  }

  /** Reads what waits from earlier. */
  async begin(): Promise<void> {
    const undos = [
      this.#needs.store.on(() => void this.#reload().catch(() => {})),
      this.#needs.mailbox?.changed.on(() => void this.#leave()) ?? (() => {}),
    ];
    this.#undo = () => undos.forEach((undo) => undo());
    await this.#reload();
    void this.#leave();
  }

  stop(): void {
    this.#isStopped = true;
    this.#undo();
    this.#cancelLeaving();
    this.#leaving.abort();
    this.#setDown();
    for (const { reject } of this.#listeners.values()) reject(new Error('The page was closed.'));
    this.#listeners.clear();
  }

  /** The link came up or went: what waits is sent, or waits on. */
  setUp(isUp: boolean): void {
    if (!isUp) return this.#setDown();
    this.#isUp = true;
    this.#leaving.abort();
    this.#leaving = new AbortController();
    void this.#flush();
  }

  /**
   * Resolves once the command is kept; `answered` then tells what became of it, and need not be
   * listened to. Throws {@link OutboxFull}, and where the device cannot store it, in words.
   */
  async send<M extends CommandMethod>(
    method: M,
    params: Params<M> & { readonly commandId: CommandId },
  ): Promise<{ readonly answered: Promise<Result<M>> }> {
    const { commandId } = params;
    const entry: OutboxEntry = { commandId, method, params, madeAtMs: this.#needs.timers.nowMs() };
    const answered = new Promise<Result<M>>((resolve, reject) => {
      // The table pairs the method with its result.
      this.#listeners.set(commandId, { resolve: resolve as Listener['resolve'], reject });
    });
    answered.catch(() => {});
    try {
      await this.#write(async () => {
        this.#checkRoom(entry);
        await this.#needs.store.put(entry);
        this.#set([...this.#entries.filter((other) => other.commandId !== commandId), entry]);
      });
    } catch (error) {
      this.#listeners.delete(commandId);
      throw error;
    }
    void this.#flush();
    void this.#leave();
    return { answered };
  }

  /** Takes back what was not answered, or puts away what was refused. What is on its way may be done all the same. */
  async cancel(commandId: CommandId): Promise<void> {
    await this.#remove(commandId);
    this.#listeners.get(commandId)?.reject(new Error('It was taken back.'));
    this.#listeners.delete(commandId);
  }

  #stateOf(entry: OutboxEntry): OutboxView['state'] {
    if (entry.refused !== undefined) return 'refused';
    if (this.#sending.has(entry.commandId)) return 'sending';
    if (isLeft(entry, this.#needs.timers.nowMs())) return 'left';
    return mayBeLeft(entry) ? 'mayBeLeft' : 'waiting';
  }

  #setDown(): void {
    this.#isUp = false;
    this.#wait.abort();
    this.#wait = new AbortController();
  }

  /** What was refused still takes its place: it is shown until the person puts it away. */
  #checkRoom(entry: OutboxEntry): void {
    const others = this.#entries.filter(({ commandId }) => commandId !== entry.commandId);
    if (others.length >= MAX_OUTBOX_ENTRIES)
      throw new OutboxFull(
        `${others.length} commands wait to be sent already. Wait until the computer is back, or take some back.`,
      );
    const bytes = [...others, entry].reduce((sum, each) => sum + sizeOf(each), 0);
    if (bytes > MAX_OUTBOX_BYTES)
      throw new OutboxFull(
        'What waits to be sent is over 16 MiB. Wait until the computer is back, or attach less.',
      );
  }

  async #flush(): Promise<void> {
    if (this.#isFlushing || !this.#hasWork()) return;
    this.#isFlushing = true;
    const { signal } = this.#wait;
    try {
      await this.#locked(signal, async () => {
        // Another page may have sent some.
        await this.#reload();
        await this.#sendAll(signal);
      });
    } catch {
      // The link went, or the store failed: the next link, or the next look, tries again.
    } finally {
      this.#isFlushing = false;
      this.#tell();
    }
    if (!this.#hasWork()) return;
    if (signal.aborted) return void this.#flush();
    this.#needs.timers.after(AGAIN_MS, () => void this.#flush());
  }

  /** Leaves at the relay what may be left there, while the host is away. */
  async #leave(): Promise<void> {
    const { mailbox, timers } = this.#needs;
    if (mailbox === undefined || this.#isStopped) return;
    this.#isToLeaveMore = this.#isLeaving;
    if (this.#isLeaving) return;
    this.#cancelLeaving();
    if (mailbox.maxAgeMs === null || this.#entries.length === 0) return;
    this.#isLeaving = true;
    const { signal } = this.#leaving;
    let isAgain = true;
    try {
      await this.#locked(signal, async () => {
        await this.#reload();
        isAgain = await leaveMail({
          mailbox,
          entries: () => (signal.aborted ? [] : this.#entries),
          keep: async (entry, mail) => await this.#keepMail(entry, mail),
          tooBig: this.#tooBigToLeave,
          nowMs: () => timers.nowMs(),
        });
      });
    } catch {
      // No answer, or the store failed: another try, or the host itself.
    } finally {
      this.#isLeaving = false;
    }
    if (this.#isToLeaveMore) return void this.#leave();
    const delayMs = isAgain ? LEAVE_AGAIN_MS : LEAVE_LATE_MS;
    this.#cancelLeaving = timers.after(delayMs, () => void this.#leave());
  }

  async #keepMail({ commandId }: OutboxEntry, mail: EntryMail | undefined): Promise<void> {
    await this.#write(async () => {
      const entry = this.#entries.find((each) => each.commandId === commandId);
      if (entry === undefined || entry.refused !== undefined) return;
      const { mail: _before, ...rest } = entry;
      const kept: OutboxEntry = { ...rest, ...(mail && { mail }) };
      await this.#needs.store.put(kept);
      this.#set(this.#entries.map((each) => (each.commandId === commandId ? kept : each)));
    });
  }

  #hasWork(): boolean {
    return this.#isUp && this.#entries.some(({ refused }) => refused === undefined);
  }

  async #locked(signal: AbortSignal, run: () => Promise<void>): Promise<void> {
    const limit = new AbortController();
    const give = (): void => limit.abort();
    const cancel = this.#needs.timers.after(LOCK_LIMIT_MS, give);
    signal.addEventListener('abort', give);
    let isHeld = false;
    try {
      await this.#needs.lock.hold(limit.signal, async () => {
        isHeld = true;
        cancel();
        await run();
      });
    } catch (error) {
      if (isHeld || signal.aborted) throw error;
      await run();
    } finally {
      cancel();
      signal.removeEventListener('abort', give);
    }
  }

  /** Lane by lane at once, until nothing more can be done on this link. */
  async #sendAll(signal: AbortSignal): Promise<void> {
    const tried = new Set<CommandId>();
    const lanes = new Map<string, Promise<void>>();
    const take = (): OutboxEntry | undefined =>
      this.#entries.find(
        (entry) =>
          entry.refused === undefined && !tried.has(entry.commandId) && !lanes.has(laneOf(entry)),
      );
    for (;;) {
      for (let entry = take(); entry !== undefined && !signal.aborted; entry = take()) {
        const lane = laneOf(entry);
        tried.add(entry.commandId);
        lanes.set(
          lane,
          this.#sendOne(entry).then((goesOn) => {
            // One that got no answer holds its lane: what follows must not overtake it.
            if (goesOn) lanes.delete(lane);
            else lanes.set(lane, STUCK);
          }),
        );
      }
      const busy = [...lanes.values()].filter((lane) => lane !== STUCK);
      if (busy.length === 0) return;
      // What is added meanwhile need not wait for another session's long command.
      await Promise.race([...busy, new Promise<void>((resolve) => (this.#wake = resolve))]);
    }
  }

  /** False when it is not known what became of it. */
  async #sendOne(entry: OutboxEntry): Promise<boolean> {
    const { commandId, method, params } = entry;
    const { timers, call } = this.#needs;
    if (timers.nowMs() - entry.madeAtMs > MAX_OUTBOX_AGE_MS) {
      await this.#refuse(entry, 'It waited for more than 7 days and was not sent.');
      return true;
    }
    this.#sending.add(commandId);
    this.#tell();
    try {
      // As it was given to `send`, or as the store kept it; the host checks it in any case.
      const result = await call(method, params as Params<CommandMethod>, ANSWER_LIMIT_MS);
      await this.#remove(commandId);
      this.#listeners.get(commandId)?.resolve(result);
      this.#listeners.delete(commandId);
      return true;
    } catch (error) {
      if (error instanceof RpcFailure) {
        await this.#refuse(entry, error.message, error);
        return true;
      }
      return false;
    } finally {
      this.#sending.delete(commandId);
      this.#tell();
    }
  }

  async #refuse(entry: OutboxEntry, refused: string, error: Error = new Error(refused)) {
    await this.#write(async () => {
      if (!this.#entries.some(({ commandId }) => commandId === entry.commandId)) return;
      const ended = { ...entry, refused };
      await this.#needs.store.put(ended);
      this.#set(this.#entries.map((each) => (each.commandId === entry.commandId ? ended : each)));
    });
    this.#listeners.get(entry.commandId)?.reject(error);
    this.#listeners.delete(entry.commandId);
  }

  async #remove(id: CommandId): Promise<void> {
    await this.#write(async () => {
      await this.#needs.store.remove(id);
      this.#set(this.#entries.filter(({ commandId }) => commandId !== id));
    });
  }

  async #reload(): Promise<void> {
    await this.#write(async () => this.#set(await this.#needs.store.all()));
    void this.#flush();
  }

  async #write(change: () => Promise<void>): Promise<void> {
    const done = this.#writes.then(change);
    this.#writes = done.catch(() => {});
    await done;
  }

  #set(entries: readonly OutboxEntry[]): void {
    this.#entries = entries;
    this.#wake();
    this.#tell();
  }

  #tell(): void {
    if (!this.#isStopped) this.changed.emit(this.entries);
  }
}

const STUCK = Promise.resolve();

const sizeOf = (entry: OutboxEntry): number => JSON.stringify(entry.params).length;
