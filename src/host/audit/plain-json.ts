import { hash } from 'node:crypto';
import { canonicalJson, MAX_JSON_DEPTH } from '../../base/canonical-json.ts';

/** An entry is a note of what happened, not a copy of it. In UTF-16 units of its JSON. */
const MAX_TEXT = 256 * 1024;
const LARGE_TEXT = 8 * 1024;
/** A few are spent around what comes in here. */
const MAX_DEPTH = MAX_JSON_DEPTH - 8;

/**
 * Canonical JSON of an entry whatever is in it: halves of characters become U+FFFD, numbers and
 * depths that JSON does not know become text, and what is too large becomes its size and its hash.
 */
export function canonicalText<E extends { readonly what: object }>(entry: E): string {
  const text = tried(entry);
  if (text !== null && text.length <= MAX_TEXT) return text;
  const plain = { ...entry, ...repairedMembers(entry) };
  const whole = canonicalJson(plain);
  if (whole.length <= MAX_TEXT) return whole;
  const what = Object.entries(repairedMembers(entry.what)).map(([name, value]) => [
    name,
    small(value),
  ]);
  return canonicalJson({ ...plain, what: Object.fromEntries(what) });
}

/** The same for a value of any kind, however large. */
export function canonicalValue(value: unknown): string {
  return tried(value) ?? canonicalJson(repaired(value, 0) ?? null);
}

function tried(entry: unknown): string | null {
  try {
    return canonicalJson(entry);
  } catch {
    return null;
  }
}

function repairedMembers(of: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(of).map(([name, value]) => [wellFormed(name), repaired(value, 0)]),
  );
}

function repaired(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object') return undefined;
  if (depth > MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((item) => repaired(item, depth + 1) ?? null);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [wellFormed(name), repaired(member, depth + 1)]),
  );
}

function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}

function small(value: unknown): unknown {
  const text = canonicalJson(value ?? null);
  if (text.length <= LARGE_TEXT) return value;
  return { characters: text.length, sha256: hash('sha256', text, 'hex') };
}
