import type { DiffRow, DiffView } from './diff-rows.ts';

/** Of a whole `git diff`, the part of each file by its path now, unparsed: only what is shown is parsed. */
export function filePatches(patch: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let start = headAt(patch, 0);
  while (start !== -1) {
    const next = headAt(patch, start + 1);
    const part = patch.slice(start, next === -1 ? undefined : next);
    const path = pathOf(part);
    if (path !== null) files.set(path, part);
    start = next;
  }
  return files;
}

/** The lines of one file's part, numbered; what lies between its hunks is a gap. */
export function patchRows(part: string): DiffView {
  const rows: DiffRow[] = [];
  let oldNo = 0;
  let newNo = 0;
  let plus = 0;
  let minus = 0;
  let left = { old: 0, new: 0 };
  for (const line of part.split('\n')) {
    const hunk = HUNK.exec(line);
    // Inside a hunk a line may begin with anything, `@@` as well: its counts say when it is over.
    if (hunk !== null && left.old <= 0 && left.new <= 0) {
      oldNo = Number(hunk[1]);
      newNo = Number(hunk[3]);
      left = { old: Number(hunk[2] ?? 1), new: Number(hunk[4] ?? 1) };
      if (rows.length > 0 || oldNo > 1 || newNo > 1) rows.push({ kind: 'gap', at: hunk[5] ?? '' });
      continue;
    }
    if (line.startsWith('\\') && rows.length > 0) {
      const last = rows.at(-1);
      rows.push({ kind: 'noNewline', side: last?.kind === 'minus' ? 'old' : 'new' });
      continue;
    }
    if (left.old <= 0 && left.new <= 0) continue;
    const text = shown(line.slice(1));
    if (line.startsWith('+')) {
      rows.push({ kind: 'plus', newNo: newNo++, text });
      plus += 1;
      left.new -= 1;
    } else if (line.startsWith('-')) {
      rows.push({ kind: 'minus', oldNo: oldNo++, text });
      minus += 1;
      left.old -= 1;
    } else if (line.startsWith(' ')) {
      rows.push({ kind: 'same', oldNo: oldNo++, newNo: newNo++, text });
      left.old -= 1;
      left.new -= 1;
    }
  }
  return { rows, plus, minus };
}

/** A minified file is one line of a megabyte; nobody reads past this. */
const MAX_LINE_CHARS = 4_000;

function shown(text: string): string {
  return text.length > MAX_LINE_CHARS ? `${text.slice(0, MAX_LINE_CHARS)} …` : text;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/;
const HEAD = 'diff --git ';

function headAt(patch: string, from: number): number {
  if (from === 0 && patch.startsWith(HEAD)) return 0;
  const found = patch.indexOf(`\n${HEAD}`, Math.max(0, from - 1));
  return found === -1 ? -1 : found + 1;
}

function pathOf(part: string): string | null {
  const hunksAt = part.indexOf('\n@@');
  const head = (hunksAt === -1 ? part : part.slice(0, hunksAt)).split('\n');
  const after = (prefix: string): string | null => {
    const line = head.find((one) => one.startsWith(prefix));
    return line === undefined ? null : unquoted(line.slice(prefix.length).replace(/[\t\r]+$/, ''));
  };
  const renamed = after('rename to ') ?? after('copy to ');
  if (renamed !== null) return renamed;
  const now = withoutSide(after('+++ '));
  if (now !== null && now !== '/dev/null') return now;
  const before = withoutSide(after('--- '));
  if (before !== null && before !== '/dev/null') return before;
  // Without lines (binary, an empty file, a mode): both names are the same, so half of it is one.
  const both = (head[0] ?? '').slice(HEAD.length);
  if (both.endsWith('"')) return withoutSide(unquoted(both.slice(both.indexOf(' "') + 1)));
  return both.slice((both.length + 1) / 2 + 'b/'.length) || null;
}

function withoutSide(path: string | null): string | null {
  return path === null || path === '/dev/null' ? path : path.replace(/^[abciow]\//, '');
}

/** git puts names with quotes, tabs or bytes above ASCII in quotes, as C does. */
function unquoted(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"')) return name;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [one] of name.slice(1, -1).matchAll(/\\[0-7]{3}|\\.|[^\\]+/gs)) {
    if (/^\\[0-7]{3}$/.test(one)) bytes.push(Number.parseInt(one.slice(1), 8));
    else bytes.push(...encoder.encode(one.startsWith('\\') ? (ESCAPES[one] ?? one.slice(1)) : one));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\t': '\t',
  '\\n': '\n',
  '\\r': '\r',
  '\\a': '\u0007',
  '\\b': '\b',
  '\\f': '\f',
  '\\v': '\v',
};
