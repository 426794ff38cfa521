import { auditEntrySchema, auditHeadSchema, type AuditHead } from '../../protocol/audit.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import { MAX_SURFACE_MESSAGE_BYTES } from '../../protocol/limits.ts';
import type { Handlers } from '../api/handlers.ts';
import type { AuditReader } from '../event-log/audit-rows.ts';
import { LookThrough } from './look-through.ts';
import type { AuditTrail } from './trail.ts';

/** A page and its JSON stay well below what a surface may be sent; one entry is always given. */
const PAGE_BYTES = MAX_SURFACE_MESSAGE_BYTES / 3;

export type AuditMethods = Pick<
  Handlers,
  'audit.list' | 'audit.verify' | 'audit.head' | 'audit.changeKey'
>;

/** The rows of the table about the audit log. */
export function auditMethods(trail: AuditTrail, rows: AuditReader): AuditMethods {
  const through = new LookThrough(rows);
  return {
    'audit.list': ({ after, limit }) => {
      const page = rows.entries(after, limit, PAGE_BYTES);
      const entries = page.map(({ n, text }) => readable(n, text));
      return { entries, more: (page.at(-1)?.n ?? Infinity) < (trail.head?.n ?? 0) };
    },
    'audit.verify': async ({ head }) => await through.verify(head),
    'audit.head': ({ n }) => ({ head: n === undefined ? trail.head : headAt(rows, n) }),
    'audit.changeKey': (_, { surface }) => ({ head: trail.changeKey(trail.who(surface)) }),
  };
}

function readable(n: number, text: string) {
  const entry = auditEntrySchema.safeParse(jsonOf(text));
  if (entry.success) return entry.data;
  throw new RpcFailure(
    'refused',
    `Entry ${n} of the audit log cannot be read: see "porchlight audit verify".`,
  );
}

function headAt(rows: AuditReader, n: number): AuditHead | null {
  const text = rows.entry(n);
  const head = auditHeadSchema.safeParse(text === null ? null : jsonOf(text));
  return head.success ? head.data : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
