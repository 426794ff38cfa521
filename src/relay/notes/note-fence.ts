import { randomBytes } from 'node:crypto';
import type { Jet, JetApi } from '../cluster/jet.ts';
import type { StreamPlan } from '../cluster/jet-stream.ts';
import { isWrongSequence } from '../cluster/jet-words.ts';
import { NotesOfAnother } from './note-store.ts';

/** No note has this key. */
export const FENCE_KEY = '_fence';

/**
 * The right to write to a stream. Whoever opens it writes a mark of its own there, and every message of
 * it names the sequence of the one before: so from another's mark on, nothing of it is taken, whatever
 * it believes.
 */
export class NoteFence {
  readonly #jet: Pick<Jet, 'try'>;
  readonly #plan: StreamPlan;
  readonly #subject: string;
  readonly #token = randomBytes(12).toString('base64url');
  #markSeq = 0;
  #lastSeq = 0;
  #written = 0;
  #isLost = false;

  constructor(jet: Pick<Jet, 'try'>, plan: StreamPlan, subject: string) {
    this.#jet = jet;
    this.#plan = plan;
    this.#subject = subject;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** What is in the stream before it holds. Its sequence. */
  async set(limitMs: number): Promise<number> {
    const msgID = `${this.#token}.mark`;
    const mark = await this.#jet.try(this.#plan, limitMs, async ({ client }) => {
      return await client.publish(this.#subject, Buffer.from(this.#token), { msgID });
    });
    this.#markSeq = mark.seq;
    this.#lastSeq = mark.seq;
    return mark.seq;
  }

  /** One message after the other; its sequence. Throws {@link NotesOfAnother} from another's mark on. */
  async publish(
    subject: string,
    payload: Uint8Array,
    leftMs: () => number,
    headers: Parameters<JetApi['client']['publish']>[2] = {},
  ): Promise<number> {
    this.#written += 1;
    const msgID = `${this.#token}.${this.#written}`;
    for (;;) {
      if (this.#isLost) throw lost();
      try {
        const kept = await this.#jet.try(this.#plan, leftMs(), async ({ client }) => {
          const expect = { lastSequence: this.#lastSeq };
          return await client.publish(subject, payload, { ...headers, msgID, expect });
        });
        this.#lastSeq = kept.seq;
        return kept.seq;
      } catch (error) {
        if (!isWrongSequence(error)) throw error;
        await this.#findOut(leftMs);
      }
    }
  }

  /** Of an earlier one that was given up the answer may have been lost; or another has written. */
  async #findOut(leftMs: () => number): Promise<void> {
    await this.#jet.try(this.#plan, leftMs(), async ({ manager }) => {
      // In this order: a mark that comes after it was looked for has a later sequence, so that what is
      // written next fails again.
      const { state } = await manager.streams.info(this.#plan.name);
      const mark = await manager.streams.getMessage(this.#plan.name, {
        last_by_subj: this.#subject,
      });
      if (mark?.seq !== this.#markSeq || Buffer.from(mark.data).toString() !== this.#token) {
        this.#isLost = true;
        throw lost();
      }
      this.#lastSeq = state.last_seq;
    });
  }
}

function lost(): NotesOfAnother {
  return new NotesOfAnother('Another node keeps the notes now.');
}
