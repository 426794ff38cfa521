import { z } from 'zod';
import type { HolderNotice } from '../../protocol/holder.ts';
import { batterySchema, heatSchema } from '../../protocol/power.ts';

const effectSchema = z.object({
  effective: z.boolean().nullable(),
  reason: z.string().nullable(),
  fix: z.string().nullable(),
});
const effectsSchema = z.object({
  idle: effectSchema,
  lid: effectSchema.extend({ setUp: z.enum(['needed', 'done']).nullable() }),
});
const sensorsSchema = z.object({
  // A reading that makes no sense is one that cannot be read, and no reason to lose the holder.
  battery: batterySchema.nullable().catch(null),
  heat: heatSchema.nullable().catch(null),
  lidClosed: z.boolean().nullable(),
  externalDisplay: z.boolean().nullable(),
});
const readingSchema = z.object({ effects: effectsSchema, sensors: sensorsSchema });

/** What a holder answers, by what was asked. */
export const holderAnswers = {
  hello: readingSchema.extend({
    protocol: z.number().int(),
    pid: z.number().int(),
    version: z.string().max(100),
  }),
  reading: readingSchema,
  setUp: z.object({ message: z.string(), effects: effectsSchema }),
  done: z.object({}),
} as const;
export type HolderHello = z.output<typeof holderAnswers.hello>;

const noticeSchema = z.discriminatedUnion('tell', [
  z.object({ tell: z.literal('effects'), effects: effectsSchema }),
  z.object({ tell: z.literal('sensors'), sensors: sensorsSchema }),
  z.object({ tell: z.literal('sleeping') }),
  z.object({ tell: z.literal('woke') }),
  z.object({ tell: z.literal('problem'), message: z.string() }),
]);

const frameSchema = z.union([
  z.object({ id: z.number().int(), ok: z.unknown().refine((ok) => ok !== undefined) }),
  z.object({
    id: z.number().int(),
    error: z.object({ code: z.string(), message: z.string() }),
  }),
]);

export type HolderIncoming =
  | { readonly kind: 'ok'; readonly id: number; readonly ok: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'notice'; readonly notice: HolderNotice }
  /** Of a newer holder, or garbage. */
  | { readonly kind: 'unknown' };

export function parseHolderFrame(text: string): HolderIncoming {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'unknown' };
  }
  const notice = noticeSchema.safeParse(json);
  if (notice.success) return { kind: 'notice', notice: notice.data };
  const frame = frameSchema.safeParse(json);
  if (!frame.success) return { kind: 'unknown' };
  const { id } = frame.data;
  return 'error' in frame.data
    ? { kind: 'error', id, ...frame.data.error }
    : { kind: 'ok', id, ok: frame.data.ok };
}
