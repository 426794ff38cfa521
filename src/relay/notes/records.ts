import { z } from 'zod';
import { channelIdSchema, deviceIdSchema, noteSchema } from '../../protocol/relay.ts';

/** What is kept of one note. Times are those of the wall clock: they are read by a later process. */
export const keptNoteSchema = z.object({
  v: z.literal(1),
  note: noteSchema,
  /** Of the host's grants, when it was left. */
  epoch: z.number().int().nonnegative(),
  goodUntilMs: z.number(),
  /** Since when it is being sent: it may have arrived. */
  sendingSinceMs: z.number().nullable(),
});
export type KeptNote = z.infer<typeof keptNoteSchema>;

/** A note that was sent, until its host has heard of it. */
export const firedSchema = z.object({
  v: z.literal(1),
  at: z.iso.datetime(),
  status: z.number().int().nullable(),
});
export type Fired = z.infer<typeof firedSchema>;

/** Of a host with notes that is not here. */
export const absenceSchema = z.object({
  v: z.literal(1),
  sinceMs: z.number(),
  isAsleep: z.boolean(),
});
export type Absence = z.infer<typeof absenceSchema>;

const keySchema = z.union([
  z.tuple([z.enum(['note', 'fired']), channelIdSchema, deviceIdSchema]),
  z.tuple([z.literal('host'), channelIdSchema]),
]);

/** `note.<channel>.<device>`, `fired.<channel>.<device>`, `host.<channel>`. */
export function readKey(key: string): z.infer<typeof keySchema> | null {
  return keySchema.safeParse(key.split('.')).data ?? null;
}

/** null: damaged, or a newer relay's. */
export function readRecord<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
