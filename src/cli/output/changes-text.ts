import type { ChangedFile, Changes } from '../../protocol/session/workspace.ts';
import { count, fit, oneLine, width } from './text.ts';

const DEFAULT_COLUMNS = 80;
const MAX_BAR = 40;

/** Like `git diff --stat`, under a line that says whose work it is and how it stands. */
export function changesText(changes: Changes, columns = DEFAULT_COLUMNS): string {
  const lines = [heading(changes)];
  const names = changes.files.map(nameOf);
  const most = Math.max(0, ...changes.files.map((file) => file.insertions + file.deletions));
  const digits = String(most).length;
  const room = Math.max(12, columns - digits - MAX_BAR / 2 - 6);
  const nameWidth = Math.min(room, Math.max(0, ...names.map(width)));
  const barWidth = Math.max(1, Math.min(MAX_BAR, columns - nameWidth - digits - 6));
  changes.files.forEach((file, i) => {
    const name = fit(names[i] ?? '', nameWidth);
    const gap = ' '.repeat(Math.max(0, nameWidth - width(name)));
    const lineCount = file.insertions + file.deletions;
    const amount = file.binary ? 'Bin' : String(lineCount).padStart(digits);
    const bar = file.binary ? '' : ` ${barOf(file, most, barWidth)}`;
    lines.push(` ${name}${gap} | ${amount}${bar}`.trimEnd());
  });
  const hidden = changes.total - changes.files.length;
  if (hidden > 0) lines.push(` … and ${count(hidden, 'more file')}`);
  lines.push(summary(changes));
  return lines.join('\n');
}

function heading({ branch, base, commits, uncommitted, landed }: Changes): string {
  const parts = [count(commits, 'commit')];
  if (uncommitted) parts.push('uncommitted work');
  const standing = landed ? 'all landed' : parts.join(' and ');
  const onto = base === null ? '' : ` → ${oneLine(base)}`;
  return `${oneLine(branch)}${onto}: ${standing}`;
}

function summary({ total, insertions, deletions }: Changes): string {
  if (total === 0) return ' nothing changed';
  const parts = [`${count(total, 'file')} changed`];
  if (insertions > 0) parts.push(`${count(insertions, 'insertion')}(+)`);
  if (deletions > 0) parts.push(`${count(deletions, 'deletion')}(-)`);
  return ` ${parts.join(', ')}`;
}

function nameOf({ path, from, status }: ChangedFile): string {
  const name = from === undefined ? oneLine(path) : `${oneLine(from)} → ${oneLine(path)}`;
  return status === 'added' ? `${name} (new)` : status === 'deleted' ? `${name} (gone)` : name;
}

function barOf({ insertions, deletions }: ChangedFile, most: number, columns: number): string {
  const scale = most > columns ? columns / most : 1;
  const length = (lines: number): number =>
    lines === 0 ? 0 : Math.max(1, Math.round(lines * scale));
  return '+'.repeat(length(insertions)) + '-'.repeat(length(deletions));
}
