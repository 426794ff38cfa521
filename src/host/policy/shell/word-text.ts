/**
 * Our own reading of one word, beside the parser's: what both agree on is certain. Returns null for
 * each character that means something unquoted, so that only plain and quoted text has a value.
 */
export function literalText(source: string): string | null {
  let out = '';
  for (let i = 0; i < source.length; i += 1) {
    const c = source.charAt(i);
    if (c === '\\') {
      i += 1;
      if (i >= source.length) return null;
      if (source.charAt(i) !== '\n') out += source.charAt(i);
    } else if (c === "'") {
      const end = source.indexOf("'", i + 1);
      if (end === -1) return null;
      out += source.slice(i + 1, end);
      i = end;
    } else if (c === '"') {
      const read = doubleQuoted(source, i + 1);
      if (read === null) return null;
      out += read.text;
      i = read.end;
    } else if (c === '$') {
      if (source.charAt(i + 1) === "'") {
        const read = ansiQuoted(source, i + 2);
        if (read === null) return null;
        out += read.text;
        i = read.end;
      } else if (i === source.length - 1) out += c;
      else return null;
    } else if (meansSomething(source, i)) return null;
    else out += c;
  }
  return out;
}

function meansSomething(source: string, at: number): boolean {
  const c = source.charAt(at);
  if ('`*?[;&|<>()\n\t '.includes(c)) return true;
  if (c === '~') return at === 0 || '=:'.includes(source.charAt(at - 1));
  // `=name` is a path in zsh, `^` and `#` at the start are patterns there, `!` calls up history.
  if (c === '=' || c === '^' || c === '#') return at === 0;
  if (c === '!') return isHistory(source, at);
  if (c === '{') return /^\{[^{}]*(,|\.\.)/.test(source.slice(at)) || nestedBrace(source, at);
  return false;
}

function nestedBrace(source: string, at: number): boolean {
  return /^\{[^}]*\{/.test(source.slice(at));
}

/** Interactive shells replace `!x` by an earlier command; `!` alone, `!=` and `!(` not. */
function isHistory(source: string, at: number): boolean {
  const next = source.charAt(at + 1);
  return next !== '' && !' \t\n=("\''.includes(next);
}

/** Whether an interactive shell would look for an earlier command: `!` outside of single quotes. */
export function callsUpHistory(source: string): boolean {
  if (!source.includes('!')) return false;
  let inDouble = false;
  for (let i = 0; i < source.length; i += 1) {
    const c = source.charAt(i);
    if (c === '\\') i += 1;
    else if (c === '"') inDouble = !inDouble;
    else if (c === "'" && !inDouble) {
      const end = source.indexOf("'", i + 1);
      if (end === -1) return true;
      i = end;
    } else if (c === '!' && isHistory(source, i)) return true;
  }
  return false;
}

function doubleQuoted(source: string, from: number): { text: string; end: number } | null {
  let out = '';
  for (let i = from; i < source.length; i += 1) {
    const c = source.charAt(i);
    if (c === '"') return { text: out, end: i };
    if (c === '\\') {
      const next = source.charAt(i + 1);
      i += 1;
      if (next === '\n') continue;
      out += '$`"\\'.includes(next) ? next : `\\${next}`;
    } else if (c === '`') return null;
    else if (c === '$') {
      if (!/^\$["\s,.:;/|)]/.test(source.slice(i, i + 2))) return null;
      out += c;
    } else if (c === '!' && isHistory(source, i)) return null;
    else out += c;
  }
  return null;
}

const ANSI: Record<string, string> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  '?': '?',
};

/** `$'…'`; null for `\'`, where sh would end the quotes, and for what shells read differently. */
function ansiQuoted(source: string, from: number): { text: string; end: number } | null {
  let out = '';
  for (let i = from; i < source.length; i += 1) {
    const c = source.charAt(i);
    if (c === "'") return { text: out, end: i };
    if (c !== '\\') {
      out += c;
      continue;
    }
    const rest = source.slice(i + 1, i + 10);
    const simple = ANSI[rest.charAt(0)];
    const code = /^(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|([0-7]{3}))/.exec(rest);
    if (simple !== undefined) {
      out += simple;
      i += 1;
    } else if (code !== null) {
      const value =
        code[3] === undefined
          ? Number.parseInt(code[1] ?? code[2] ?? '', 16)
          : Number.parseInt(code[3], 8);
      if (value === 0 || value > 0x7f) return null;
      out += String.fromCharCode(value);
      i += code[0].length;
    } else return null;
  }
  return null;
}
