import type { ChangedFile } from '../../protocol/session/workspace.ts';

const STATUSES: Readonly<Record<string, ChangedFile['status']>> = {
  A: 'added',
  C: 'added',
  D: 'deleted',
  M: 'modified',
  R: 'renamed',
  T: 'typeChanged',
  U: 'modified',
};

/**
 * Reads `git diff -z --raw --numstat`: first one record for each file with how it changed, then one
 * with its lines. https://git-scm.com/docs/git-diff#_raw_output_format
 */
export function parseDiff(text: string): ChangedFile[] {
  const words = text.split('\0');
  const files = new Map<string, ChangedFile>();
  let at = 0;
  const next = (): string => words[at++] ?? '';
  while (words[at]?.startsWith(':')) {
    const letter = next().split(' ').at(4)?.[0] ?? 'M';
    const first = next();
    const isMove = letter === 'R' || letter === 'C';
    const path = isMove ? next() : first;
    const status = STATUSES[letter] ?? 'modified';
    const from = letter === 'R' ? { from: first } : {};
    files.set(path, { path, ...from, status, insertions: 0, deletions: 0, binary: false });
  }
  while (at < words.length) {
    const [added, removed, name] = splitTabs(next());
    // A move has an empty name, then both.
    const path = name === '' ? (next(), next()) : name;
    const file = files.get(path);
    if (file === undefined) continue;
    const binary = added === '-';
    const insertions = binary ? 0 : Number(added);
    const deletions = binary ? 0 : Number(removed);
    files.set(path, { ...file, insertions, deletions, binary });
  }
  return [...files.values()];
}

/** Only the first two tabs separate: a name may hold more. */
function splitTabs(record: string): [string, string, string] {
  const first = record.indexOf('\t');
  const second = record.indexOf('\t', first + 1);
  if (first === -1 || second === -1) return ['', '', ''];
  return [record.slice(0, first), record.slice(first + 1, second), record.slice(second + 1)];
}
