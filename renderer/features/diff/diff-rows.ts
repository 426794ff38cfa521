import { diffLines } from 'diff';

export type DiffRow =
  | { readonly kind: 'same'; readonly oldNo: number; readonly newNo: number; readonly text: string }
  | { readonly kind: 'minus'; readonly oldNo: number; readonly text: string }
  | { readonly kind: 'plus'; readonly newNo: number; readonly text: string }
  /** A text that does not end with a newline, as git says it. */
  | { readonly kind: 'noNewline'; readonly side: 'old' | 'new' }
  /** Lines that are not there because nothing changes in them; `at`: what they lie in, as git says it. */
  | { readonly kind: 'gap'; readonly at: string };

export interface DiffView {
  readonly rows: readonly DiffRow[];
  readonly plus: number;
  readonly minus: number;
}

/** Past this the exact difference is not worth the wait: all old lines, then all new ones. */
const DIFF_LIMIT_MS = 150;

/** Every line of both texts, none left out. `oldText` null is a new file. */
export function diffRows(oldText: string | null, newText: string): DiffView {
  const parts =
    diffLines(oldText ?? '', newText, { timeout: DIFF_LIMIT_MS }) ??
    wholesale(oldText ?? '', newText);
  // Where every line ends in CRLF, saying so at each would only be noise.
  const end = LONE_LF.test(oldText ?? '') || LONE_LF.test(newText) ? '\n' : '\r\n';
  const rows: DiffRow[] = [];
  let oldNo = 1;
  let newNo = 1;
  let plus = 0;
  let minus = 0;
  for (const part of parts) {
    for (const text of linesOf(part.value, end)) {
      if (part.added) {
        rows.push({ kind: 'plus', newNo: newNo++, text });
        plus += 1;
      } else if (part.removed) {
        rows.push({ kind: 'minus', oldNo: oldNo++, text });
        minus += 1;
      } else rows.push({ kind: 'same', oldNo: oldNo++, newNo: newNo++, text });
    }
  }
  if (oldText && !oldText.endsWith('\n') && newText.endsWith('\n'))
    rows.push({ kind: 'noNewline', side: 'old' });
  if (newText && !newText.endsWith('\n') && oldText?.endsWith('\n'))
    rows.push({ kind: 'noNewline', side: 'new' });
  return { rows, plus, minus };
}

/** A stretch of rows: shown, or folded because nothing changes there. */
export interface DiffStretch {
  readonly from: number;
  readonly to: number;
  readonly folded: boolean;
}

/** Folds what is further than `context` lines from a change, where folding saves at least 4 lines. */
export function stretches(rows: readonly DiffRow[], context: number): DiffStretch[] {
  const near = new Uint8Array(rows.length);
  rows.forEach((row, i) => {
    if (row.kind !== 'same') near.fill(1, Math.max(0, i - context), i + context + 1);
  });
  const out: DiffStretch[] = [];
  let from = 0;
  for (let i = 1; i <= rows.length; i += 1) {
    if (i < rows.length && near[i] === near[from]) continue;
    const folded = near[from] === 0 && i - from >= MIN_FOLD;
    const before = out.at(-1);
    if (before !== undefined && !before.folded && !folded)
      out[out.length - 1] = { ...before, to: i };
    else out.push({ from, to: i, folded });
    from = i;
  }
  return out;
}

const MIN_FOLD = 4;

const LONE_LF = /(?:^|[^\r])\n/;

function linesOf(value: string, end: '\n' | '\r\n'): string[] {
  const lines = value.split(end);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function wholesale(
  oldText: string,
  newText: string,
): { value: string; added: boolean; removed: boolean }[] {
  return [
    { value: oldText, added: false, removed: true },
    { value: newText, added: true, removed: false },
  ];
}
