import { z } from 'zod';
import type { RpcError } from '../../../protocol/envelope.ts';
import { RPC_ERRORS } from '../../../protocol/errors.ts';
import type { InstanceId } from '../../../protocol/ids.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { AgentProfile } from '../profile.ts';
import type { AcpBook } from './acp-book.ts';
import type { Attached } from './acp-memo.ts';

const updateSchema = z.object({
  sessionUpdate: z.literal('session_info_update'),
  _meta: z.record(z.string(), z.unknown()),
});
const errorSchema = z.looseObject({
  message: z.string(),
  additionalDetails: z.string().nullish(),
});

/** Remembers what an update says of the turn's failing, where this agent says so in updates. */
export function noteFailing(
  { book, profile }: { book: AcpBook; profile(instance: InstanceId): AgentProfile | null },
  tx: LogWriter,
  instance: InstanceId,
  attached: Attached,
  update: unknown,
): void {
  const failing = failingAfter(attached.failing, update, profile(instance));
  if (failing === undefined || (failing === null && attached.failing === null)) return;
  book.setAttached(tx, instance, { ...attached, failing });
}

/** What a session's `failing` is after an update; undefined where that says nothing of it. */
function failingAfter(
  before: Attached['failing'],
  update: unknown,
  profile: AgentProfile | null,
): Attached['failing'] | undefined {
  const signs = profile?.failedTurn;
  if (signs === undefined) return undefined;
  const parsed = updateSchema.safeParse(update);
  if (!parsed.success) return undefined;
  const error = errorSchema.safeParse(within(parsed.data._meta, signs.error));
  if (error.success) {
    const { message, additionalDetails, ...data } = error.data;
    return { hasFailed: false, message: additionalDetails ?? message, data };
  }
  const status = within(parsed.data._meta, signs.status);
  if (typeof status !== 'string') return undefined;
  if (status !== signs.failed) return null;
  const known = before ?? { message: 'The turn failed; its last words say why.', data: {} };
  return { ...known, hasFailed: true };
}

/** The error of a turn that its agent ended as if it had gone well; null when it did. */
export function hiddenError({ failing }: Attached): RpcError | null {
  if (failing?.hasFailed !== true) return null;
  return { code: RPC_ERRORS.internal, message: failing.message, data: failing.data };
}

function within(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, key) =>
      typeof part === 'object' && part !== null
        ? Object.entries(part).find(([name]) => name === key)?.[1]
        : undefined,
    value,
  );
}
