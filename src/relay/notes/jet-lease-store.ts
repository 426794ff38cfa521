import type { Jet } from '../cluster/jet.ts';
import { bucketPlan, type StreamPlan } from '../cluster/jet-stream.ts';
import { isWrongSequence, jetProblem } from '../cluster/jet-words.ts';
import type { LeaseEntry, LeaseStore } from './lease-store.ts';

const READ_LIMIT_MS = 2_500;
const KEY = 'notes';

/** The lease as a key of a bucket of JetStream; its revision is the sequence of the message. */
export class JetLeaseStore implements LeaseStore {
  readonly plan: StreamPlan;
  readonly #jet: Jet;
  readonly #subject: string;

  constructor(jet: Jet, prefix: string) {
    this.#jet = jet;
    const bucket = `${prefix}-lease`;
    this.plan = bucketPlan(bucket);
    this.#subject = `$KV.${bucket}.${KEY}`;
  }

  async read(): Promise<LeaseEntry | null> {
    const stored = await this.#jet.try(this.plan, READ_LIMIT_MS, async ({ manager }) => {
      return await manager.streams.getMessage(this.plan.name, { last_by_subj: this.#subject });
    });
    if (stored === null) return null;
    return { text: Buffer.from(stored.data).toString('utf8'), revision: stored.seq };
  }

  /** One attempt: what came of one that was not answered, the next would be refused for. */
  async write(text: string, over: number | null): Promise<number | null> {
    try {
      const written = await this.#jet.once(this.plan, async ({ client }) => {
        const expect = { lastSubjectSequence: over ?? 0 };
        return await client.publish(this.#subject, Buffer.from(text), { expect });
      });
      return written.seq;
    } catch (error) {
      if (isWrongSequence(error)) return null;
      throw new Error(`The lease cannot be written: ${jetProblem(error)}`, { cause: error });
    }
  }
}
