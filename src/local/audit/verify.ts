import type { KeyObject } from 'node:crypto';
import type { AuditEntry, AuditHead, AuditVerdict } from '../../protocol/audit.ts';
import { auditHash, isSignedBy, isSignedByLater, NO_ENTRY, publicKeyOf } from './chain.ts';

/** Where and why a log does not hold. */
interface Break {
  readonly n: number;
  readonly why: string;
}

/**
 * Looks through an audit log, whole: `pages` are the JSON texts of its entries in their order.
 * Memory is bounded by a page; signatures are checked on other threads, a page at a time. `head`
 * was kept elsewhere: the log must still contain it.
 *
 * Finds whatever is changed, missing, moved, put in or signed by somebody else. It cannot find a
 * log that was made anew from its beginning, or cut at its end: only a head can.
 */
export async function verifyAudit(
  pages: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
  head?: AuditHead,
): Promise<AuditVerdict> {
  const chain = new Chain(head ?? null);
  for await (const page of pages) await chain.take(page);
  return chain.verdict();
}

class Chain {
  readonly #kept: AuditHead | null;
  /** Entries read, broken or not. */
  #count = 0;
  #holds: AuditHead | null = null;
  #key: KeyObject | null = null;
  #restored: AuditEntry | null = null;
  #broken: Break | null = null;
  /** A key that the one before has not signed: what comes after it is still looked at. */
  #lostKey: Break | null = null;
  #rewritten: Break | null = null;

  constructor(kept: AuditHead | null) {
    this.#kept = kept;
  }

  async take(page: readonly string[]): Promise<void> {
    const signed: { readonly entry: AuditEntry; readonly isGood: Promise<boolean> }[] = [];
    let broken: Break | null = null;
    for (const text of page) {
      this.#count += 1;
      if (this.#broken !== null || broken !== null) continue;
      const read = this.#next(text);
      if ('why' in read) broken = read;
      else if (read.check !== null)
        signed.push({ entry: read.entry, isGood: isSignedByLater(...read.check) });
    }
    for (const { entry, isGood } of signed) {
      if ((await isGood) || this.#broken !== null) continue;
      this.#broken = {
        n: entry.n,
        why: `Entry ${entry.n} is not signed by the key of this log: somebody without that key has changed it or put it there.`,
      };
      this.#holds = { n: entry.n - 1, hash: entry.previous };
    }
    this.#broken ??= broken;
  }

  verdict(): AuditVerdict {
    const entries = this.#count;
    const head = this.#holds?.n === 0 ? null : this.#holds;
    const broken = this.#broken;
    const end = broken?.n ?? Infinity;
    const before = [this.#lostKey, this.#rewritten].filter((each) => each !== null && each.n < end);
    const told = [...before, broken ?? this.#cut(entries)]
      .filter((each) => each !== null)
      .sort((a, b) => a.n - b.n);
    const brokenAt = told.find(({ n }) => n > 0)?.n ?? null;
    const why = told.length === 0 ? null : told.map((each) => each.why).join(' ');
    return { ok: told.length === 0, entries, brokenAt, why, head };
  }

  /** The entry of this text if it follows, and what is left to be checked of it. */
  #next(
    text: string,
  ): Break | { entry: AuditEntry; check: Parameters<typeof isSignedByLater> | null } {
    const n = (this.#holds?.n ?? 0) + 1;
    const entry = entryOf(text);
    if (entry === null) return { n, why: `Entry ${n} is not an entry of an audit log.` };
    const why = this.#misplaced(entry, n) ?? changed(entry) ?? this.#turn(entry);
    if (why !== null) return { n, why };
    this.#holds = { n, hash: entry.hash };
    if (this.#kept?.n === n && this.#kept.hash !== entry.hash)
      this.#rewritten = {
        n,
        why: `Entry ${n} is not the one that was seen elsewhere: the log was written anew up to there.`,
      };
    if (entry.kind === 'restored') this.#restored = entry;
    const isTurn = entry.kind === 'begun' || entry.kind === 'keyChanged';
    return {
      entry,
      check: isTurn || this.#key === null ? null : [this.#key, entry.hash, entry.signature],
    };
  }

  #misplaced({ n: itsN, previous, kind }: AuditEntry, n: number): string | null {
    if (itsN > n)
      return n === 1
        ? `The beginning is missing: the first entry is ${itsN}.`
        : `Entry ${n} is missing: after ${n - 1} comes ${itsN}.`;
    if (itsN < n) return `After entry ${n - 1} comes entry ${itsN} again.`;
    if (previous !== (this.#holds?.hash ?? NO_ENTRY))
      return n === 1
        ? 'Entry 1 says that there was one before it.'
        : `Entry ${n} does not follow entry ${n - 1}: one of them was replaced.`;
    if ((n === 1) !== (kind === 'begun'))
      return n === 1
        ? 'Entry 1 does not begin a log.'
        : `Entry ${n} begins a log in the middle of one.`;
    return null;
  }

  /** Entries that name a key are checked at once: those after them are signed by it. */
  #turn(entry: AuditEntry): string | null {
    const { n, at, kind, what, hash, signature } = entry;
    if (kind !== 'begun' && kind !== 'keyChanged') return null;
    const named = publicKeyOf(what['publicKey']);
    if (named === null) return `Entry ${n} names no key.`;
    const by = this.#key ?? named;
    if (!isSignedBy(by, hash, signature)) {
      if (!isSignedBy(named, hash, signature))
        return `Entry ${n} is not signed by the key of this log, nor by the one that it names.`;
      this.#lostKey ??= {
        n,
        why: `Entry ${n} of ${at} names another key that the one before has not signed: the file of the key was lost or replaced then. Nothing shows whether this host or somebody else went on.`,
      };
    }
    this.#key = named;
    return null;
  }

  #cut(entries: number): Break | null {
    const kept = this.#kept;
    if (kept === null || kept.n <= entries) return null;
    const from = this.#restored;
    const restored =
      from === null
        ? ''
        : ` Entry ${from.n} of ${from.at} says that the home was restored from a copy.`;
    const missing = kept.n - entries;
    return {
      n: 0,
      why: `The end is missing: entry ${kept.n} was seen elsewhere, and the log ends with ${entries}, so that ${missing === 1 ? 'an entry is' : `${missing} entries or more are`} gone.${restored}`,
    };
  }
}

function changed(entry: AuditEntry): string | null {
  const { hash, signature: _, ...rest } = entry;
  let found: string;
  try {
    found = auditHash(rest);
  } catch {
    found = '';
  }
  return found === hash
    ? null
    : `Entry ${entry.n} was changed: its hash is not that of its content.`;
}

/** Not by the schema: a million of them take their time, and what the hash is over must stay. */
function entryOf(text: string): AuditEntry | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  const entry = json as Partial<Record<keyof AuditEntry, unknown>>;
  const { n, at, kind, who, what, previous, hash, signature } = entry;
  const isWhole =
    Number.isSafeInteger(n) &&
    [at, kind, previous, hash, signature].every((field) => typeof field === 'string') &&
    [who, what].every((field) => typeof field === 'object' && field !== null);
  if (!isWhole) return null;
  // One signature has one text: what base64url leaves open must not be.
  const bytes = Buffer.from(String(signature), 'base64url');
  return bytes.length === 64 && bytes.toString('base64url') === signature
    ? (json as AuditEntry)
    : null;
}
