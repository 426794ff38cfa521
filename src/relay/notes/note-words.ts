import { z } from 'zod';
import {
  channelIdSchema,
  deviceIdSchema,
  MAX_REVOKED,
  noteSchema,
  relayMessageSchema,
  type HostControl,
  type RelayMessage,
} from '../../protocol/relay.ts';
import { nodeIdSchema } from '../cluster/node-id.ts';

/** Of one request or answer: well below what the bus takes. One word alone may be longer. */
export const MAX_TELLING_CHARS = 400 * 1024;

const linkIdSchema = z.string().regex(/^[\w-]{16}$/);
const epochSchema = z.number().int().nonnegative();
const revokedSchema = z.array(deviceIdSchema).max(2 * MAX_REVOKED);

/** What a node says of one host of its own. `agoMs`: since it happened, when this was sent. */
const wordSchema = z.discriminatedUnion('say', [
  z.object({ say: z.literal('came'), epoch: epochSchema, revoked: revokedSchema }),
  z.object({ say: z.literal('went') }),
  z.object({ say: z.literal('slept') }),
  z.object({ say: z.literal('leave'), epoch: epochSchema, notes: z.array(noteSchema) }),
  /** null: all. */
  z.object({ say: z.literal('drop'), devices: z.array(deviceIdSchema).nullable() }),
  z.object({
    say: z.literal('heard'),
    fired: z.array(z.object({ device: deviceIdSchema, at: z.iso.datetime() })),
  }),
  z.object({ say: z.literal('revoke'), epoch: epochSchema, revoked: revokedSchema }),
]);
export type Word = z.infer<typeof wordSchema>;
export type Heard = Extract<HostControl, { type: 'notesHeard' }>['fired'];

const spokenSchema = z.object({
  channel: channelIdSchema,
  agoMs: z.number().int().nonnegative(),
  word: wordSchema,
});
export type Spoken = z.infer<typeof spokenSchema>;

/** Node → keeper, also with no words in it: so that the keeper hears that the node is there. */
const tellingSchema = z.object({
  v: z.literal(1),
  node: nodeIdSchema,
  /** Chosen by the node when it begins with a keeper. */
  link: linkIdSchema,
  /** From 1; the same one again is the same telling. */
  n: z.number().int().positive(),
  /** null: a newer node's, which this one passes over. */
  spoken: z.array(spokenSchema.nullable().catch(null)),
});
export type Telling = z.infer<typeof tellingSchema>;

const answerSchema = z.discriminatedUnion('kind', [
  z.object({
    v: z.literal(1),
    kind: z.literal('heard'),
    link: linkIdSchema,
    n: z.number().int().positive(),
    /** All up to this telling is durable. */
    kept: z.number().int().nonnegative(),
    /** There is more to be told. */
    more: z.boolean(),
    /** For the lines of the node's hosts. */
    tell: z.array(z.object({ channel: channelIdSchema, message: relayMessageSchema })),
  }),
  /** The keeper does not know this link, or missed some of it: begin a new one. */
  z.object({ v: z.literal(1), kind: z.literal('unknown'), link: linkIdSchema }),
]);
export type Answer = z.infer<typeof answerSchema>;
export type Told = Extract<Answer, { kind: 'heard' }>['tell'][number];

/** What a keeper may say to a host. */
export function isOfNotes(message: RelayMessage): boolean {
  return message.type === 'notesFired' || message.type === 'notesRefused';
}

export function encode(message: Telling | Answer): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

/** null: not of this version, or nobody's. */
export function readTelling(bytes: Uint8Array): Telling | null {
  return read(tellingSchema, bytes);
}

export function readAnswer(bytes: Uint8Array): Answer | null {
  return read(answerSchema, bytes);
}

function read<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | null {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}
