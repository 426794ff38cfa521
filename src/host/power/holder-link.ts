import { backoffMs, type BackoffPolicy } from '../../base/backoff.ts';
import { DeadlineExceeded } from '../../base/deadline.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Transport } from '../../connection/transport.ts';
import {
  HOLDER_PROTOCOL,
  type HolderNotice,
  type HolderRequest,
  type HolderWant,
} from '../../protocol/holder.ts';
import { HolderChannel, HolderRefusal } from './holder-channel.ts';
import { holderAnswers, type HolderHello } from './holder-frames.ts';
import type { HolderPort, HolderReading } from './holder-port.ts';
import type { StartedHolder } from './start-holder.ts';

const HELLO_LIMIT_MS = 15_000;
/** Several tools of the system, each with 10 s. */
const ACT_LIMIT_MS = 35_000;
const STOP_LIMIT_MS = 60_000;
const SET_UP_LIMIT_MS = 10 * 60_000;
const START_LIMIT_MS = 15_000;
const POLL_MS = 10;
const RETRY: BackoffPolicy = { firstMs: 250, maxMs: 30_000 };
/** One that ran so long did not fail at its start. */
const STEADY_MS = 10_000;

export interface HolderLinkNeeds {
  /** null: nobody listens there. */
  connect(): Promise<Transport | null>;
  run(): StartedHolder;
  readonly hostPid: number;
  readonly hostVersion: string;
  readonly timers: Timers;
  /** In [0, 1). */
  random(): number;
  readonly logger: Logger;
}

/** Starts the holder, talks to it, and has it back when it is gone while something is wanted. */
export class HolderLink implements HolderPort {
  readonly notices = new Emitter<HolderNotice>();
  readonly reached = new Emitter<HolderReading | null>();
  readonly #needs: HolderLinkNeeds;
  #channel: HolderChannel | null = null;
  #opening: Promise<HolderChannel> | null = null;
  /** Another version than this host's, which goes on until nothing is held. */
  #isOld = false;
  #isWanted = false;
  #isClosed = false;
  #failures = 0;
  #notBeforeMs = 0;
  #problem: string | null = null;
  #cancelRetry: (() => void) | null = null;

  constructor(needs: HolderLinkNeeds) {
    this.#needs = needs;
  }

  get problem(): string | null {
    return this.#problem;
  }

  start(): void {
    this.#isWanted = true;
    if (this.#isClosed || this.#channel !== null || this.#opening !== null) return;
    if (this.#cancelRetry !== null) return;
    const delayMs = this.#notBeforeMs - this.#needs.timers.nowMs();
    // What goes wrong is told by `reached`.
    const open = () => void this.#open().catch(() => {});
    if (delayMs <= 0) open();
    else this.#cancelRetry = this.#needs.timers.after(delayMs, open);
  }

  async find(): Promise<boolean> {
    if (this.#channel !== null || this.#opening !== null) return true;
    const transport = await this.#needs.connect().catch(() => null);
    if (transport === null) return false;
    // Somebody may have opened one meanwhile.
    if (this.#channel !== null || this.#opening !== null || this.#isClosed) {
      transport.close('another is there');
      return true;
    }
    this.#opening = this.#opened(async () => await this.#greet(transport));
    await this.#opening;
    return true;
  }

  async want(want: HolderWant): Promise<HolderReading> {
    this.#isWanted = want.idle || want.lid;
    const reading = holderAnswers.reading.parse(await this.#ask({ do: 'want', ...want }));
    // Now it can be replaced without a gap in what is held.
    if (this.#isOld && !this.#isWanted) await this.stop();
    return reading;
  }

  async look(): Promise<HolderReading> {
    return holderAnswers.reading.parse(await this.#ask({ do: 'look' }));
  }

  async readyToSleep(): Promise<void> {
    await this.#ask({ do: 'readyToSleep' });
  }

  async sleepNow(): Promise<void> {
    await this.#ask({ do: 'sleepNow' });
  }

  async setUp(undo: boolean): ReturnType<HolderPort['setUp']> {
    return holderAnswers.setUp.parse(await this.#ask({ do: 'setUp', undo }, SET_UP_LIMIT_MS));
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    if (!(await this.find().catch(() => false))) return;
    const channel = this.#channel ?? (await this.#opening);
    if (channel === null) return;
    await end(channel);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#channel?.close('this host leaves');
  }

  async #ask(request: HolderRequest, limitMs = ACT_LIMIT_MS): Promise<unknown> {
    const channel = await this.#open();
    try {
      return await channel.ask(request, limitMs);
    } catch (error) {
      // One that does not answer holds nothing that anybody could vouch for.
      if (error instanceof DeadlineExceeded) channel.close('it does not answer');
      throw error;
    }
  }

  async #open(): Promise<HolderChannel> {
    if (this.#isClosed) throw new Error('The holder: this host leaves');
    if (this.#channel !== null) return this.#channel;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    // All wait for the same promise, so that what they ask goes out in the order they asked.
    this.#opening ??= this.#opened(async () => await this.#reach());
    return await this.#opening;
  }

  async #opened(reach: () => Promise<Greeted>): Promise<HolderChannel> {
    try {
      const channel = this.#take(await reach());
      this.#opening = null;
      return channel;
    } catch (error) {
      this.#opening = null;
      this.#problem = messageOf(error);
      this.#needs.logger.warn({ err: error }, 'the holder cannot be reached');
      this.#lost();
      throw error;
    }
  }

  /** One that runs, else a new one. An old one that holds nothing makes room for ours. */
  async #reach(): Promise<Greeted> {
    const present = await this.#needs.connect();
    if (present === null) return await this.#started();
    const greeted = await this.#greet(present);
    const { hello, channel } = greeted;
    if (hello.version === this.#needs.hostVersion || isHeld(hello)) return greeted;
    await end(channel);
    return await this.#started();
  }

  async #started(): Promise<Greeted> {
    const { run, connect, timers } = this.#needs;
    const startedMs = timers.nowMs();
    let ended: string | null = null;
    void run().ended.then((words) => (ended = words));
    for (;;) {
      const transport = await connect();
      if (transport !== null) return await this.#greet(transport);
      // Another one that was started at the same time may be the one that stays.
      if (ended !== null && timers.nowMs() - startedMs > STEADY_START_MS)
        throw new Error(`The holder does not start: ${ended}`);
      if (timers.nowMs() - startedMs > START_LIMIT_MS)
        throw new Error(`The holder did not start within ${START_LIMIT_MS / 1_000} s`);
      await new Promise<void>((resolve) => void timers.after(POLL_MS, resolve));
    }
  }

  async #greet(transport: Transport): Promise<Greeted> {
    const { hostPid, hostVersion, timers } = this.#needs;
    const channel = new HolderChannel(transport, timers);
    const request = { do: 'hello', protocol: HOLDER_PROTOCOL, hostPid, hostVersion } as const;
    try {
      const hello = holderAnswers.hello.parse(await channel.ask(request, HELLO_LIMIT_MS));
      return { channel, hello };
    } catch (error) {
      channel.close('it did not say hello');
      if (error instanceof HolderRefusal) throw new Error(`The holder refuses: ${error.message}`);
      throw error;
    }
  }

  #take({ channel, hello }: Greeted): HolderChannel {
    const { timers, hostVersion, logger } = this.#needs;
    if (this.#isClosed) {
      channel.close('this host leaves');
      throw new Error('The holder: this host leaves');
    }
    const sinceMs = timers.nowMs();
    this.#channel = channel;
    this.#isOld = hello.version !== hostVersion;
    this.#problem = null;
    channel.notices.on((notice) => this.notices.emit(notice));
    channel.closed.on((reason) => {
      this.#channel = null;
      if (timers.nowMs() - sinceMs >= STEADY_MS) this.#failures = 0;
      logger.info({ pid: hello.pid, reason }, 'the holder is gone');
      if (!this.#isClosed) this.#lost();
    });
    logger.info({ pid: hello.pid, version: hello.version }, 'the holder is there');
    this.reached.emit(hello);
    return channel;
  }

  /** Back at once the first time: the machine may be about to sleep. */
  #lost(): void {
    const { timers, random } = this.#needs;
    const delayMs = this.#failures === 0 ? 0 : backoffMs(this.#failures, RETRY, random());
    this.#failures += 1;
    this.#notBeforeMs = timers.nowMs() + delayMs;
    this.reached.emit(null);
    if (this.#isWanted) this.start();
  }
}

/** A second one leaves at once, and the first may not listen yet. */
const STEADY_START_MS = 1_000;

interface Greeted {
  readonly channel: HolderChannel;
  readonly hello: HolderHello;
}

function isHeld({ effects }: HolderHello): boolean {
  return effects.idle.effective === true || effects.lid.effective === true;
}

async function end(channel: HolderChannel): Promise<void> {
  const gone = new Promise<void>((resolve) => void channel.closed.on(() => resolve()));
  try {
    await channel.ask({ do: 'stop' }, STOP_LIMIT_MS);
  } catch (error) {
    // Gone without an answer is gone too.
    if (error instanceof DeadlineExceeded || error instanceof HolderRefusal) throw error;
    return;
  }
  // Answered before it exits: whoever starts the next one wants its socket free.
  await Promise.race([gone, new Promise<void>((resolve) => setTimeout(resolve, 2_000).unref())]);
  channel.close('it was stopped');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
