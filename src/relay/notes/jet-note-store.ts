import { DeliverPolicy } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { withDeadline } from '../../base/deadline.ts';
import type { Clock } from '../clock.ts';
import { JetAway, type Jet } from '../cluster/jet.ts';
import { bucketPlan, type StreamPlan } from '../cluster/jet-stream.ts';
import { jetProblem } from '../cluster/jet-words.ts';
import { FENCE_KEY, NoteFence } from './note-fence.ts';
import { NotesOfAnother, type SharedNoteStore } from './note-store.ts';

const OPEN_LIMIT_MS = 10_000;
const WRITE_LIMIT_MS = 8_000;
/** What nobody waits for is written together with what else comes in this time. */
const LAZY_MS = 500;
const CLEAN_AT_ONCE = 8;

export interface JetNoteNeeds {
  readonly jet: Pick<Jet, 'limit' | 'try' | 'once'>;
  readonly prefix: string;
  readonly clock: Clock;
  /** Told of what nobody waits for; the next write tries all of it again. */
  onFailed(problem: string): void;
}

/**
 * Notes in a bucket of JetStream, of which one process at a time is the writer: the one that opened it
 * last. What another one puts from then on is refused by the server itself.
 */
export class JetNoteStore implements SharedNoteStore {
  readonly #needs: JetNoteNeeds;
  readonly #plan: StreamPlan;
  readonly #subjects: string;
  readonly #fence: NoteFence;
  #pending = new Map<string, string | null>();
  /** The one that runs or ran last; never rejects. */
  #running: Promise<unknown> = Promise.resolve();
  /** The one that takes all that was put until it begins. */
  #next: Promise<void> | null = null;
  #isDueLazily = false;
  #isAbandoned = false;
  /** Keys that were taken away, and the sequence up to which nothing of them is needed. */
  readonly #litter = new Map<string, number>();
  #isCleaning = false;

  constructor(needs: JetNoteNeeds) {
    this.#needs = needs;
    this.#plan = notesPlan(needs.prefix);
    this.#subjects = `$KV.${needs.prefix}-notes.`;
    this.#fence = new NoteFence(needs.jet, this.#plan, `${this.#subjects}${FENCE_KEY}`);
  }

  async open(): Promise<{ kept: ReadonlyMap<string, string>; damaged: number }> {
    const reading = new AbortController();
    try {
      const markSeq = await this.#fence.set(OPEN_LIMIT_MS);
      const read = this.#readUntil(markSeq, reading.signal);
      const kept = await withDeadline(read, OPEN_LIMIT_MS, 'Reading them');
      return { kept, damaged: 0 };
    } catch (error) {
      throw new Error(`The notes cannot be read from NATS: ${jetProblem(error)}`, { cause: error });
    } finally {
      reading.abort();
    }
  }

  put(key: string, text: string | null): void {
    if (this.#isAbandoned) return;
    this.#pending.set(key, text);
    if (this.#isDueLazily) return;
    this.#isDueLazily = true;
    this.#needs.clock.after(LAZY_MS, () => {
      this.#isDueLazily = false;
      if (this.#pending.size === 0 || this.#isAbandoned) return;
      this.durable().catch((error: unknown) => this.#needs.onFailed(jetProblem(error)));
    });
  }

  async durable(): Promise<void> {
    if (this.#next === null) {
      const next = this.#running.then(async () => await this.#flush());
      this.#next = next;
      this.#running = next.catch(() => {});
    }
    return await this.#next;
  }

  async close(): Promise<void> {
    try {
      if (!this.#isAbandoned) await this.durable();
    } finally {
      this.abandon();
    }
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#pending.clear();
  }

  async #flush(): Promise<void> {
    this.#next = null;
    if (this.#isAbandoned || this.#fence.isLost)
      throw new NotesOfAnother('Another node keeps the notes now.');
    const leftMs = this.#needs.jet.limit(WRITE_LIMIT_MS);
    const batch = this.#pending;
    this.#pending = new Map();
    const left = new Map(batch);
    try {
      for (const [key, text] of batch) {
        await this.#write(key, text, leftMs);
        left.delete(key);
        if (this.#isAbandoned) throw new NotesOfAnother('Another node keeps the notes now.');
      }
    } catch (error) {
      // What was put meanwhile is newer.
      this.#pending = new Map([...left, ...this.#pending]);
      if (error instanceof NotesOfAnother) throw error;
      throw new Error(`The notes cannot be kept in NATS: ${jetProblem(error)}`, { cause: error });
    }
    void this.#clean();
  }

  async #write(key: string, text: string | null, leftMs: () => number): Promise<void> {
    const subject = `${this.#subjects}${key}`;
    if (text === null) {
      const marker = headers();
      marker.set('KV-Operation', 'DEL');
      const seq = await this.#fence.publish(subject, new Uint8Array(), leftMs, {
        headers: marker,
      });
      this.#litter.set(subject, seq);
    } else {
      await this.#fence.publish(subject, Buffer.from(text), leftMs);
      this.#litter.delete(subject);
    }
  }

  /** All of the keys as they are; our mark is the last message then. */
  async #readUntil(markSeq: number, signal: AbortSignal): Promise<Map<string, string>> {
    const kept = new Map<string, string>();
    await this.#needs.jet.try(this.#plan, OPEN_LIMIT_MS, async ({ client }) => {
      signal.throwIfAborted();
      kept.clear();
      const consumer = await client.consumers.get(this.#plan.name, {
        deliver_policy: DeliverPolicy.LastPerSubject,
      });
      const messages = await consumer.consume();
      const stop = (): void => void messages.close();
      signal.addEventListener('abort', stop);
      let isWhole = false;
      try {
        // Not begun where it was over before there was anything to stop.
        signal.throwIfAborted();
        for await (const message of messages) {
          const key = message.subject.slice(this.#subjects.length);
          if (message.headers?.has('KV-Operation') === true)
            this.#litter.set(message.subject, message.seq);
          else if (key !== FENCE_KEY) kept.set(key, message.string());
          isWhole = message.seq >= markSeq;
          if (isWhole) break;
        }
      } finally {
        signal.removeEventListener('abort', stop);
        await messages.close();
      }
      signal.throwIfAborted();
      if (!isWhole) throw new JetAway('The notes ended before their end.');
    });
    void this.#clean();
    return kept;
  }

  /** Up to a sequence: what another has put there since stays. What fails is litter for the next one. */
  async #clean(): Promise<void> {
    if (this.#isCleaning) return;
    this.#isCleaning = true;
    while (this.#litter.size > 0 && !this.#isAbandoned) {
      const some = [...this.#litter].slice(0, CLEAN_AT_ONCE);
      for (const [subject] of some) this.#litter.delete(subject);
      await Promise.all(
        some.map(async ([filter, seq]) => {
          await this.#needs.jet
            .once(this.#plan, async ({ manager }) => {
              await manager.streams.purge(this.#plan.name, { filter, seq: seq + 1 });
            })
            .catch(() => {});
        }),
      );
    }
    this.#isCleaning = false;
  }
}

export function notesPlan(prefix: string): StreamPlan {
  return bucketPlan(`${prefix}-notes`);
}
