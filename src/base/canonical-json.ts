/** Nested deeper than this is nobody's tool call; the limit keeps hostile input off the stack. */
export const MAX_JSON_DEPTH = 256;

/**
 * Canonical JSON after RFC 8785: object names sorted by UTF-16 code units, ECMAScript numbers, no
 * blanks. Equal values give equal text, so a hash over it names the value.
 *
 * Throws a TypeError for what is no JSON (functions, NaN, lone surrogates …) and a RangeError for
 * what is nested too deeply. A name whose value is `undefined` is left out, as JSON.stringify does.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_JSON_DEPTH) throw new RangeError(`JSON is nested deeper than ${MAX_JSON_DEPTH}`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`;
  if (typeof value === 'object') return object(value, depth);
  throw new TypeError(`A ${typeof value} is not JSON`);
}

function object(value: object, depth: number): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // Names of one object differ, so there is no tie to break.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${text(name)}:${write(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

function number(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} is not JSON`);
  // JSON.stringify follows the same algorithm as RFC 8785 §3.2.2.3, and writes -0 as 0.
  return JSON.stringify(value);
}

function text(value: string): string {
  // RFC 8785 §3.2.2.2: a lone surrogate must stop the computation; isWellFormed is ES2024.
  if (/\p{Surrogate}/u.test(value)) throw new TypeError('A lone surrogate is not JSON text');
  return JSON.stringify(value);
}
