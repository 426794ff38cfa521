/** Retry-After (RFC 9110 §10.2.3), in seconds or as a date; null: none, or nobody can read it. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/u.test(text)) return Number(text) * 1_000;
  // A date has a name of a month in it; Date.parse reads much that none should.
  if (!/[a-z]{3}/iu.test(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
