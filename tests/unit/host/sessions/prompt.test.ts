import { expect, test } from 'vitest';
import { checkPrompt, titleOf } from '../../../../src/host/sessions/prompt.ts';
import type { PromptPart } from '../../../../src/protocol/transcript/content.ts';
import { text } from '../support/host-core.ts';

const image: PromptPart = { type: 'image', mimeType: 'image/png', data: 'AAAA' };

test.each<[string, PromptPart[] | undefined, string]>([
  ['the first line of the first text', text('  Fix it\nand test it'), 'Fix it'],
  ['the folder, where there is no text', [image], 'project'],
  ['the folder, where there is no prompt', undefined, 'project'],
  ['80 characters at most', text('x'.repeat(300)), 'x'.repeat(80)],
])('a title is %s', (_, prompt, title) => {
  expect(titleOf(prompt, '/home/me/project')).toBe(title);
});

test('the root of the file system has a title too', () => {
  expect(titleOf(undefined, '/')).toBe('/');
});

test('a prompt is refused when it is empty, and over the limit with both sizes', () => {
  expect(() => checkPrompt(text(' \n'), 1_000)).toThrow('The prompt is empty.');
  expect(() => checkPrompt(text('x'.repeat(3_000)), 1_024)).toThrow(
    'The prompt is 3 KiB; the limit is 1 KiB.',
  );
  expect(() => checkPrompt(text('x'.repeat(9 * 1024 * 1024)), Infinity)).toThrow(
    'The prompt is 9.0 MiB; the limit is 8.0 MiB.',
  );
  expect(() => checkPrompt([image], 1_000)).not.toThrow();
});
