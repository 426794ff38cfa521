/** A script chosen in a prompt: `SCRIPT:stream n=1000 rate=500`. */
export interface ScriptLine {
  readonly name: string;
  readonly keys: Readonly<Record<string, string>>;
}

/** These take the rest of the line when they are not quoted: what they carry has spaces. */
const GREEDY: ReadonlySet<string> = new Set(['cmd', 'text']);
const PAIR = /^\s*([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S*))/;

/** The first script line in a prompt's text, or null when it is an ordinary prompt. */
export function findScriptLine(prompt: string): ScriptLine | null {
  const found = /SCRIPT:([a-z][a-z-]*)([^\n\r]*)/.exec(prompt);
  if (found?.[1] === undefined) return null;
  return { name: found[1], keys: readKeys(found[2] ?? '') };
}

function readKeys(rest: string): Record<string, string> {
  const keys: Record<string, string> = Object.create(null);
  let left = rest;
  for (;;) {
    const pair = PAIR.exec(left);
    const key = pair?.[1];
    if (pair === null || key === undefined) return keys;
    const quoted = pair[2]?.replace(/\\n/g, '\n').replace(/\\(.)/g, '$1') ?? pair[3];
    if (quoted === undefined && GREEDY.has(key)) {
      keys[key] = left.slice(left.indexOf('=') + 1).trim();
      return keys;
    }
    keys[key] = quoted ?? pair[4] ?? '';
    left = left.slice(pair[0].length);
  }
}

/** A number key, kept within its bounds: a typo must not fill a disk. */
export function numberKey(
  line: ScriptLine,
  key: string,
  fallback: number,
  bounds: { readonly min: number; readonly max: number },
): number {
  const given = line.keys[key];
  const number = given === undefined ? fallback : Number(given);
  if (!Number.isFinite(number)) return fallback;
  return Math.min(bounds.max, Math.max(bounds.min, number));
}

export function flagKey(line: ScriptLine, key: string): boolean {
  const given = line.keys[key];
  return given === 'true' || given === 'ok' || given === 'yes' || given === '1';
}
