import { z } from 'zod';
import type { HolderRequest } from '../protocol/holder.ts';

const idSchema = z.looseObject({ id: z.number().int().nonnegative() });

const requestSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('hello'),
    protocol: z.number().int(),
    hostPid: z.number().int().nonnegative(),
    hostVersion: z.string().max(100),
  }),
  z.object({
    do: z.literal('want'),
    idle: z.boolean(),
    lid: z.boolean(),
    // Tools print it in a list of lines.
    why: z
      .string()
      .max(100)
      .regex(/^\P{Cc}*$/u),
  }),
  z.object({ do: z.literal('look') }),
  z.object({ do: z.literal('readyToSleep') }),
  z.object({ do: z.literal('sleepNow') }),
  z.object({ do: z.literal('setUp'), undo: z.boolean() }),
  z.object({ do: z.literal('stop') }),
]);

export type Incoming =
  | { readonly kind: 'request'; readonly id: number; readonly request: HolderRequest }
  /** Said to be a request, and answerable as a wrong one. */
  | { readonly kind: 'bad'; readonly id: number; readonly why: string }
  | { readonly kind: 'garbage' };

/** Parses one frame from a host. */
export function parseRequest(text: string): Incoming {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return { kind: 'garbage' };
  }
  const named = idSchema.safeParse(frame);
  if (!named.success) return { kind: 'garbage' };
  const { id } = named.data;
  const request = requestSchema.safeParse(frame);
  return request.success
    ? { kind: 'request', id, request: request.data }
    : { kind: 'bad', id, why: z.prettifyError(request.error).slice(0, 500) };
}
