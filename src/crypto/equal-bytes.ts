/**
 * Whether two arrays hold the same bytes, in a time that depends on their lengths only (as far as a
 * JIT compiler promises anything). Lengths are no secret anywhere here.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
