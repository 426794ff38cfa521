import type { TranscriptItem } from '../../../src/protocol/transcript/item.ts';
import { diffRows } from '../diff/diff-rows.ts';
import { diffsOf } from '../transcript/tool-words.ts';

export interface FileChange {
  readonly path: string;
  readonly plus: number;
  readonly minus: number;
  readonly edits: number;
}

const counts = new WeakMap<TranscriptItem, readonly Omit<FileChange, 'edits'>[]>();

/** Files as the agent's tool calls report them, in the order they were first touched. */
export function changesIn(items: Iterable<TranscriptItem>): FileChange[] {
  const files = new Map<string, FileChange>();
  for (const item of items) {
    if (item.kind !== 'tool' || item.status === 'failed' || item.content === undefined) continue;
    for (const { path, plus, minus } of countsOf(item)) {
      const before = files.get(path) ?? { path, plus: 0, minus: 0, edits: 0 };
      files.set(path, {
        path,
        plus: before.plus + plus,
        minus: before.minus + minus,
        edits: before.edits + 1,
      });
    }
  }
  return [...files.values()];
}

function countsOf(
  item: Extract<TranscriptItem, { kind: 'tool' }>,
): readonly Omit<FileChange, 'edits'>[] {
  let known = counts.get(item);
  if (known === undefined) {
    known = diffsOf(item).map(({ path, oldText, newText }) => {
      const { plus, minus } = diffRows(oldText, newText);
      return { path, plus, minus };
    });
    counts.set(item, known);
  }
  return known;
}
