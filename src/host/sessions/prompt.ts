import { basename } from 'node:path';
import { RpcFailure } from '../../protocol/errors.ts';
import { MAX_PROMPT_BYTES, MAX_QUEUED_PROMPTS, MAX_TITLE_CHARS } from '../../protocol/limits.ts';
import type { QueuedPrompt } from '../../protocol/session/state.ts';
import type { PromptPart } from '../../protocol/transcript/content.ts';

const AUTOMATIC_TITLE_CHARS = Math.min(80, MAX_TITLE_CHARS);

/** Throws an {@link RpcFailure} for a prompt that is empty, or over `limitBytes` or our own cap. */
export function checkPrompt(prompt: readonly PromptPart[], limitBytes: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(prompt));
  const limit = Math.min(limitBytes, MAX_PROMPT_BYTES);
  if (bytes > limit)
    throw new RpcFailure(
      'tooLarge',
      `The prompt is ${sizeOf(bytes)}; the limit is ${sizeOf(limit)}. Put long text into a file and name the file.`,
    );
  if (prompt.every((part) => part.type === 'text' && part.text.trim() === ''))
    throw new RpcFailure('refused', 'The prompt is empty.');
}

/** Throws an {@link RpcFailure} when as much waits as a surface can be shown. */
export function checkQueue(queue: readonly QueuedPrompt[], prompt: readonly PromptPart[]): void {
  if (queue.length >= MAX_QUEUED_PROMPTS)
    throw new RpcFailure(
      'refused',
      `${MAX_QUEUED_PROMPTS} prompts wait already: let some run, or take some back.`,
    );
  const bytes = [prompt, ...queue.map((each) => each.prompt)]
    .map((each) => Buffer.byteLength(JSON.stringify(each)))
    .reduce((sum, each) => sum + each, 0);
  if (queue.length > 0 && bytes > MAX_PROMPT_BYTES)
    throw new RpcFailure(
      'refused',
      `The prompts that wait would take ${sizeOf(bytes)}; the limit is ${sizeOf(MAX_PROMPT_BYTES)}. Let some run, or take some back.`,
    );
}

/** The first line of the first prompt, else the folder's name. */
export function titleOf(prompt: readonly PromptPart[] | undefined, cwd: string): string {
  const text = prompt?.find((part) => part.type === 'text')?.text ?? '';
  const line = text.trim().split('\n')[0] ?? '';
  return line === '' ? basename(cwd) || cwd : line.slice(0, AUTOMATIC_TITLE_CHARS);
}

function sizeOf(bytes: number): string {
  return bytes < 1024 * 1024
    ? `${Math.ceil(bytes / 1024)} KiB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
