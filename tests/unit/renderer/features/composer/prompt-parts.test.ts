import { describe, expect, test } from 'vitest';
import {
  base64Of,
  isOverCap,
  matchingCommands,
  promptBytes,
  promptParts,
} from '../../../../../renderer/features/composer/prompt-parts.ts';
import { MAX_PROMPT_BYTES } from '../../../../../src/protocol/limits.ts';

describe('a message', () => {
  test('is its images and then its text, without blank ends', () => {
    const image = { name: 'a.png', mimeType: 'image/png', data: 'AAAA' };
    expect(promptParts({ text: 'look\n\n', images: [image] })).toEqual([
      { type: 'image', mimeType: 'image/png', data: 'AAAA' },
      { type: 'text', text: 'look' },
    ]);
    expect(promptParts({ text: ' \n', images: [] })).toEqual([]);
  });

  test('is measured in bytes, not in characters', () => {
    const parts = promptParts({ text: 'ü'.repeat(100), images: [] });
    expect(promptBytes(parts)).toBeGreaterThan(200);
    expect(isOverCap(promptParts({ text: 'ü'.repeat(MAX_PROMPT_BYTES / 2), images: [] }))).toBe(
      true,
    );
    expect(isOverCap(promptParts({ text: 'a'.repeat(MAX_PROMPT_BYTES / 2), images: [] }))).toBe(
      false,
    );
  });

  test('turns a large file into base64 without overflowing', async () => {
    const bytes = new Uint8Array(300_000).fill(255);
    expect((await base64Of(new Blob([bytes]))).length).toBe(400_000);
  });
});

describe('slash commands', () => {
  const commands = ['review', 'release', 'compact'].map((name) => ({ name, description: '' }));
  const found = (text: string): string[] =>
    matchingCommands(text, commands).map(({ name }) => name);

  test('fit while the message is one word that begins with a slash', () => {
    expect([
      found('/'),
      found('/re'),
      found('/PACT'),
      found('/review now'),
      found('re'),
      found(''),
    ]).toEqual([['review', 'release', 'compact'], ['review', 'release'], ['compact'], [], [], []]);
  });
});
