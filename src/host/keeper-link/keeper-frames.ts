import { z } from 'zod';
import type { InstanceStatus, KeeperNotice } from '../../protocol/keeper.ts';

/** Shapes of what a keeper sends. Unknown fields are ignored: the keeper may be newer. */

const count = z.number().int().nonnegative();

const statusSchema: z.ZodType<InstanceStatus> = z.object({
  instance: z.string(),
  pid: z.number().int().nullable(),
  state: z.enum(['running', 'exited']),
  code: z.number().int().nullable(),
  signal: z.string().nullable(),
  spawnError: z.string().nullable(),
  lastOffset: count,
  ackedOffset: count,
  lastWritten: count,
});

export const answers = {
  hello: z.object({
    do: z.literal('hello'),
    protocol: z.number(),
    pid: z.number(),
    version: z.string(),
  }),
  list: z.object({ do: z.literal('list'), instances: z.array(statusSchema) }),
  status: z.object({ do: z.enum(['spawn', 'attach']), status: statusSchema }),
  write: z.object({ do: z.literal('write'), lastWritten: count, duplicate: z.boolean() }),
  processes: z.object({
    do: z.literal('processes'),
    processes: z.array(
      z.object({
        pid: z.number().int(),
        startedAt: z.string(),
        parent: z.number().int().optional(),
      }),
    ),
  }),
  done: z.object({ do: z.enum(['ack', 'end', 'forget', 'stop']) }),
};

const rareNoticeSchema = z.discriminatedUnion('tell', [
  z.object({ tell: z.literal('oversize'), instance: z.string(), offset: count, bytes: count }),
  z.object({ tell: z.literal('caughtUp'), instance: z.string(), offset: count }),
  z.object({ tell: z.literal('stderr'), instance: z.string(), text: z.string() }),
  z.object({ tell: z.literal('exited'), status: statusSchema }),
]);

const answerSchema = z.union([
  z.object({ id: z.number(), ok: z.unknown() }).refine((frame) => frame.ok !== undefined),
  z.object({ id: z.number(), error: z.object({ code: z.string(), message: z.string() }) }),
]);

export type Incoming =
  | { readonly kind: 'notice'; readonly notice: KeeperNotice }
  | { readonly kind: 'ok'; readonly id: number; readonly ok: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: string; readonly message: string }
  /** A frame of a newer keeper, or garbage. */
  | { readonly kind: 'unknown' };

/** Parses one frame. Lines, the hot path, are checked by hand: a third of zod's time. */
export function parseIncoming(text: string): Incoming {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return { kind: 'unknown' };
  }
  if (typeof frame !== 'object' || frame === null) return { kind: 'unknown' };
  if ('tell' in frame) {
    const notice = asLine(frame) ?? rareNoticeSchema.safeParse(frame).data;
    return notice === undefined ? { kind: 'unknown' } : { kind: 'notice', notice };
  }
  const answer = answerSchema.safeParse(frame);
  if (!answer.success) return { kind: 'unknown' };
  if ('error' in answer.data) return { kind: 'error', id: answer.data.id, ...answer.data.error };
  return { kind: 'ok', id: answer.data.id, ok: answer.data.ok };
}

function asLine(frame: object): KeeperNotice | null {
  if (!('tell' in frame && frame.tell === 'line')) return null;
  if (!('instance' in frame && typeof frame.instance === 'string')) return null;
  if (!('offset' in frame && typeof frame.offset === 'number')) return null;
  if (!('line' in frame && typeof frame.line === 'string')) return null;
  return { tell: 'line', instance: frame.instance, offset: frame.offset, line: frame.line };
}
