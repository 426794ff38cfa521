import type { FileDiff } from '../../../src/protocol/approval/approval.ts';
import type { ToolItem } from '../../../src/protocol/transcript/item.ts';
import type { IconName } from '../../ui/icon.tsx';

const ICONS: Record<string, IconName> = {
  read: 'eye',
  edit: 'pencil',
  delete: 'trash',
  move: 'move',
  search: 'search',
  execute: 'terminal',
  think: 'spark',
  fetch: 'globe',
  switch_mode: 'wrench',
  question: 'question',
};

export function toolIcon(kind: string | undefined): IconName {
  return ICONS[kind ?? ''] ?? 'wrench';
}

/** The command line in a call's raw input, as agents word it: a string, or its words. */
export function commandOf(input: unknown): string | null {
  if (typeof input !== 'object' || input === null) return null;
  for (const name of ['command', 'cmd']) {
    const value = (input as Record<string, unknown>)[name];
    if (typeof value === 'string' && value.trim() !== '') return value;
    if (Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string'))
      return shellWords(value);
  }
  return null;
}

/** Codex asks with `['bash', '-lc', script]`: what runs is the script. */
function shellWords(words: readonly string[]): string {
  return words
    .map((word) =>
      /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
    )
    .join(' ');
}

export function toolTitle(item: Pick<ToolItem, 'title' | 'tool' | 'input' | 'toolCallId'>): string {
  return item.title || commandOf(item.input) || item.tool || item.toolCallId;
}

export function diffsOf(item: ToolItem): FileDiff[] {
  return (item.content ?? []).flatMap((part) =>
    part.type === 'diff' ? [{ path: part.path, oldText: part.oldText, newText: part.newText }] : [],
  );
}

export function textOf(item: ToolItem): string {
  const text = (item.content ?? [])
    .flatMap((part) =>
      part.type === 'text'
        ? [part.text]
        : part.type === 'resource' && part.text !== undefined
          ? [part.text]
          : [],
    )
    .join('\n');
  if (text !== '') return unfenced(text);
  if (typeof item.output === 'string') return item.output;
  if (item.output === undefined || item.output === null || (item.content ?? []).length > 0)
    return '';
  return JSON.stringify(item.output, null, 2);
}

/** Agents wrap raw output in one code fence; inside a code view it would only be noise. */
export function unfenced(text: string): string {
  const match = /^\s*(`{3,})[^\n`]*\n([\s\S]*?)\n?\1\s*$/.exec(text);
  return match?.[2] ?? text;
}

/** A program's output without the codes that colour a terminal. */
export function withoutAnsi(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replaceAll(
    /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(\u0007|\u001b\\)/g,
    '',
  );
}
