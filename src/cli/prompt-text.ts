import type { Readable } from 'node:stream';
import { MAX_PROMPT_BYTES } from '../protocol/limits.ts';
import type { PromptPart } from '../protocol/transcript/content.ts';
import { CliFailure, wrongUsage } from './failure.ts';
import { megabytes } from './output/text.ts';

/** A prompt from an argument, or from stdin when the argument is `-`. */
export async function promptOf(given: string, stdin: Readable): Promise<PromptPart[]> {
  const text = await argumentText(given, stdin);
  if (text.trim() === '') throw wrongUsage('The prompt is empty.');
  return [{ type: 'text', text }];
}

/** An argument's text, or all of stdin when it is `-`; bounded by what a prompt may hold. */
export async function argumentText(given: string, stdin: Readable): Promise<string> {
  if (given !== '-') {
    checkSize(Buffer.byteLength(given));
    return given;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const part = Buffer.from(chunk as Uint8Array | string);
    bytes += part.length;
    checkSize(bytes);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function checkSize(bytes: number): void {
  if (bytes > MAX_PROMPT_BYTES)
    throw new CliFailure(
      `The prompt is over the limit of ${megabytes(MAX_PROMPT_BYTES)}. Put the text in a file and name the file in the prompt.`,
    );
}
