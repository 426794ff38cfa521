import { describe, expect, test } from 'vitest';
import {
  draftOf,
  editedCall,
  hiddenIn,
} from '../../../../../renderer/features/approvals/edited-call.ts';

describe('a call that is edited', () => {
  const input = { command: 'rm -rf build', description: 'Clean up', timeout: 5 };

  test('is its command, and loses what the agent said of the old one', () => {
    expect(draftOf(input)).toEqual({ kind: 'command', text: 'rm -rf build' });
    expect(editedCall(input, { kind: 'command', text: 'rm -rf dist' })).toEqual({
      ok: true,
      input: { command: 'rm -rf dist', timeout: 5 },
    });
  });

  test('is JSON where it has no command as text', () => {
    const words = { cmd: ['bash', '-lc', 'ls'] };
    const draft = draftOf(words);
    expect(draft.kind).toBe('json');
    expect(editedCall(words, { ...draft, text: '{"cmd": ["ls"]}' })).toEqual({
      ok: true,
      input: { cmd: ['ls'] },
    });
  });

  test('says why it cannot be sent', () => {
    expect([
      editedCall(input, draftOf(input)),
      editedCall(input, { kind: 'command', text: ' \n' }),
      editedCall([1], { kind: 'json', text: '[ 1 ]' }),
      editedCall([1], { kind: 'json', text: '[\n  1,\n]' }),
    ]).toEqual([
      { ok: false, why: 'same' },
      { ok: false, why: 'empty' },
      { ok: false, why: 'same' },
      { ok: false, why: 'notJson', words: expect.stringMatching(/JSON/) },
    ]);
  });

  test('tells of signs that the field does not show', () => {
    expect(hiddenIn({ kind: 'command', text: 'ls \u202e\u200b' })).toBe('‹U+202E› ‹U+200B›');
  });
});
