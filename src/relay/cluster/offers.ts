import { z } from 'zod';
import { channelIdSchema, type ChannelId, type RendezvousId } from '../../protocol/relay.ts';
import type { Clock } from '../clock.ts';
import type { Bus } from './bus.ts';
import { nodeIdSchema } from './node-id.ts';
import type { NodeId } from './peers.ts';
import type { Stamp } from './stamp.ts';
import type { Subjects } from './subjects.ts';

const ASK_LIMIT_MS = 1_000;
/** Who opened it only now is heard by then. */
const AGAIN_MS = 300;
/** From being given an offer until the guest sits down. */
const RESERVED_MS = 5_000;

const askSchema = z.object({ v: z.literal(1), node: nodeIdSchema });
const answerSchema = z.union([
  z.object({
    v: z.literal(1),
    channel: channelIdSchema,
    node: nodeIdSchema,
    dialledMs: z.number().int().nonnegative(),
  }),
  z.object({ v: z.literal(1), refused: z.literal(true) }),
]);

/** Whose guest somebody is, and where that host is. */
export interface Offered {
  readonly channel: ChannelId;
  readonly home: Stamp;
}

export interface OfferWorld {
  readonly self: NodeId;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly clock: Clock;
}

/** The offer of one host that is here, to guests who come to other nodes. */
export class OpenOffer {
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;
  readonly #reserved = new Map<NodeId, () => void>();
  readonly #release: () => void;

  /** `take` is true for one guest at a time; `release` undoes that. */
  constructor(
    { bus, subjects, clock }: OfferWorld,
    rendezvous: RendezvousId,
    offered: Offered,
    { take, release }: { take(): boolean; release(): void },
  ) {
    this.#clock = clock;
    this.#release = release;
    this.#unsubscribe = bus.subscribe(subjects.offer(rendezvous), (payload, reply) => {
      const node = read(askSchema, payload)?.node;
      if (node === undefined || reply === null) return;
      if (!take()) return reply(bytes({ v: 1, refused: true }));
      this.#reserve(node);
      const { channel, home } = offered;
      reply(bytes({ v: 1, channel, node: home.node, dialledMs: home.dialledMs }));
    });
  }

  /** True once after this node was given the offer. */
  claim(node: NodeId): boolean {
    const callOff = this.#reserved.get(node);
    callOff?.();
    return this.#reserved.delete(node);
  }

  /** Its time is over; who was given it may still come. */
  stopListening(): void {
    this.#unsubscribe();
  }

  close(): void {
    this.#unsubscribe();
    for (const callOff of this.#reserved.values()) callOff();
    if (this.#reserved.size > 0) this.#release();
    this.#reserved.clear();
  }

  #reserve(node: NodeId): void {
    const callOff = this.#clock.after(RESERVED_MS, () => {
      if (this.#reserved.delete(node)) this.#release();
    });
    this.#reserved.set(node, callOff);
  }
}

/** Asks the other nodes for an offer; null: none has it, or a guest has. */
export async function takeOffer(
  { self, bus, subjects, clock }: OfferWorld,
  rendezvous: RendezvousId,
): Promise<Offered | null> {
  const ask = async () =>
    await bus.ask(subjects.offer(rendezvous), bytes({ v: 1, node: self }), ASK_LIMIT_MS);
  let answer = await ask();
  if (answer === null && bus.isUp) {
    await new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve));
    answer = await ask();
  }
  const offered = answer === null ? null : read(answerSchema, answer);
  if (offered === null || 'refused' in offered) return null;
  const { channel, node, dialledMs } = offered;
  return { channel, home: { node, dialledMs } };
}

function bytes(json: z.infer<typeof askSchema> | z.infer<typeof answerSchema>): Uint8Array {
  return Buffer.from(JSON.stringify(json));
}

function read<T>(schema: z.ZodType<T>, payload: Uint8Array): T | null {
  try {
    const json: unknown = JSON.parse(Buffer.from(payload).toString());
    return schema.safeParse(json).data ?? null;
  } catch {
    return null;
  }
}
