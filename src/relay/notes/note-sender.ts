import { backoffMs, type BackoffPolicy } from '../../base/backoff.ts';
import type { Logger } from '../../base/log.ts';
import type { Note } from '../../protocol/relay.ts';
import { Bucket, type Rate } from '../bucket.ts';
import type { Clock } from '../clock.ts';
import type { NoteCounts } from './note-counts.ts';

const POST_LIMIT_MS = 15_000;
const MAX_IN_FLIGHT = 16;
/** Of all hosts together: a relay is no means to flood a push service. */
const RATE: Rate = { burst: 64, perSecond: 32 };
const LOOK_AGAIN_MS = 100;
const RETRY: BackoffPolicy = { firstMs: 2_000, maxMs: 15 * 60_000 };
/** A service that names a time names one within its own patience. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;

/** What `guardedPost` of src/outbound gives back. */
export type Posted =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'refused' | 'silent'; readonly problem: string };

export type Post = (request: {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
  readonly limitMs: number;
}) => Promise<Posted>;

/** `calledOff`: the host came back while it was tried again. */
export type Outcome = 'delivered' | 'refused' | 'givenUp' | 'calledOff';

/** One note that is due. */
export interface Due {
  readonly note: Note;
  /** Of its channel. */
  readonly payer: Bucket;
  /** By the relay's clock; later nobody wants it. */
  readonly untilMs: number;
  /** False once the host is back. */
  isWanted(): boolean;
  /** What is about to be done is written down when it resolves, or cannot be. */
  begins(): Promise<void>;
  /** What came of a try that is to be made again. */
  failed(status: number | null): void;
  /** Last: nothing was sent, and need not be. */
  unsent(): void;
  /** Last, after at least one try. `status` is that of the last, null without an answer. */
  over(status: number | null): void;
}

export interface NoteSenderNeeds {
  readonly post: Post;
  readonly clock: Clock;
  /** In [0, 1). */
  random(): number;
  readonly counts: NoteCounts;
  readonly log: Logger;
}

/** Sends notes that are due, few at a time, each until it is taken, refused, or out of date. */
export class NoteSender {
  readonly #needs: NoteSenderNeeds;
  readonly #rate: Bucket;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;
  #isLooking = false;

  constructor(needs: NoteSenderNeeds) {
    this.#needs = needs;
    this.#rate = new Bucket(RATE, needs.clock.nowMs());
  }

  async send(due: Due): Promise<void> {
    const { clock, random } = this.#needs;
    let status: number | null = null;
    for (let tries = 1; ; tries += 1) {
      await this.#turn(due.payer);
      let posted: Posted;
      try {
        if (due.isWanted()) await due.begins();
        if (!due.isWanted()) return tries === 1 ? due.unsent() : due.over(status);
        posted = await this.#post(due.note);
      } finally {
        this.#inFlight -= 1;
        this.#look();
      }
      status = posted.kind === 'answered' ? posted.status : null;
      const outcome = outcomeOf(posted);
      if (outcome !== null) return this.#over(due, outcome, status, posted);
      if (!due.isWanted()) return this.#over(due, 'calledOff', status, posted);
      due.failed(status);
      const delayMs = Math.max(
        backoffMs(tries, RETRY, random()),
        Math.min(MAX_RETRY_AFTER_MS, (posted.kind === 'answered' && posted.retryAfterMs) || 0),
      );
      if (clock.nowMs() + delayMs > due.untilMs) return this.#over(due, 'givenUp', status, posted);
      await this.#wait(delayMs);
    }
  }

  async #post(note: Note): Promise<Posted> {
    const { post, counts } = this.#needs;
    counts.tries += 1;
    try {
      return await post({
        url: note.endpoint,
        headers: {
          authorization: note.authorization,
          'content-encoding': 'aes128gcm',
          'content-type': 'application/octet-stream',
          ttl: String(note.ttlSec),
          topic: note.topic,
          urgency: 'high',
        },
        body: Buffer.from(note.body, 'base64url'),
        limitMs: POST_LIMIT_MS,
      });
    } catch (error) {
      // It promises never to throw; should it, whether it was sent is not known.
      return { kind: 'silent', problem: error instanceof Error ? error.name : 'unknown' };
    }
  }

  #over(due: Due, outcome: Outcome, status: number | null, posted: Posted): void {
    const { counts, log } = this.#needs;
    counts.sent[outcome] += 1;
    // Where it goes is its device's secret; the service's name is not.
    const service = new URL(due.note.endpoint).hostname;
    const problem = 'problem' in posted ? posted.problem : null;
    log.info({ service, outcome, status, problem }, 'a host is silent: its note was sent');
    due.over(status);
  }

  /** Resolves when it may be sent, with its place taken. */
  async #turn(payer: Bucket): Promise<void> {
    const { clock } = this.#needs;
    while (!payer.tryTake(clock.nowMs())) await this.#wait(10_000);
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#look();
    });
  }

  #look(): void {
    while (this.#waiting.length > 0 && this.#inFlight < MAX_IN_FLIGHT) {
      if (!this.#rate.tryTake(this.#needs.clock.nowMs())) return this.#lookLater();
      this.#inFlight += 1;
      this.#waiting.shift()?.();
    }
  }

  #lookLater(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#needs.clock.after(LOOK_AGAIN_MS, () => {
      this.#isLooking = false;
      this.#look();
    });
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => void this.#needs.clock.after(ms, resolve));
  }
}

/** null: it is tried again. */
function outcomeOf(posted: Posted): Outcome | null {
  if (posted.kind !== 'answered') return null;
  const { status } = posted;
  if (status >= 200 && status < 300) return 'delivered';
  return status === 429 || status === 408 || status >= 500 ? null : 'refused';
}
