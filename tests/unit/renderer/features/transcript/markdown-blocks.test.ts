import { describe, expect, test } from 'vitest';
import { markdownBlocks } from '../../../../../renderer/features/transcript/markdown-blocks.ts';

describe('blocks of markdown', () => {
  test('are cut at blank lines', () => {
    expect(markdownBlocks('one\n\ntwo\nstill two\n\n\nthree')).toEqual([
      'one',
      'two\nstill two',
      'three',
    ]);
  });

  test('keep a fence whole, blank lines and all, also while it is open', () => {
    expect(markdownBlocks('a\n\n```ts\nx\n\ny\n```\n\nb')).toEqual([
      'a',
      '```ts\nx\n\ny\n```',
      'b',
    ]);
    expect(markdownBlocks('a\n\n```ts\nx\n\ny')).toEqual(['a', '```ts\nx\n\ny']);
  });

  test('keep a fence that holds a shorter fence', () => {
    expect(markdownBlocks('````md\n```\n\nx\n```\n\n````\n\nend')).toEqual([
      '````md\n```\n\nx\n```\n\n````',
      'end',
    ]);
  });

  test('keep lists, quotes, tables and indented text with what they continue', () => {
    const text = '1. one\n\n   more of one\n\n2. two\n\n> quote\n\n| a |';
    expect(markdownBlocks(text)).toEqual([text]);
  });

  test('of a growing answer stay the same but for the last', () => {
    const whole = 'one\n\ntwo\n\nthree and more';
    const before = markdownBlocks(whole.slice(0, 14));
    const after = markdownBlocks(whole);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
  });

  test('of nothing are one empty block', () => {
    expect(markdownBlocks('')).toEqual(['']);
  });
});
