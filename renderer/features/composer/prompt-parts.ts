import { MAX_PROMPT_BYTES } from '../../../src/protocol/limits.ts';
import type { PromptPart, SlashCommand } from '../../../src/protocol/transcript/content.ts';
import type { Draft } from '../../state/drafts.ts';

export const IMAGE_TYPES: readonly string[] = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
];

export function promptParts({ text, images }: Draft): PromptPart[] {
  const parts: PromptPart[] = images.map(({ mimeType, data }) => ({
    type: 'image',
    mimeType,
    data,
  }));
  if (text.trim() !== '') parts.push({ type: 'text', text: text.trimEnd() });
  return parts;
}

/** UTF-8 bytes of the parts as the host counts them: their JSON. */
export function promptBytes(parts: readonly PromptPart[]): number {
  return parts.reduce(
    (sum, part) =>
      sum +
      (part.type === 'image'
        ? part.data.length + 100
        : new TextEncoder().encode(JSON.stringify(part)).length),
    2,
  );
}

export function isOverCap(parts: readonly PromptPart[]): boolean {
  return promptBytes(parts) > MAX_PROMPT_BYTES;
}

/** The agent's commands that fit what is being typed: only while the message is one `/word`. */
export function matchingCommands(text: string, commands: readonly SlashCommand[]): SlashCommand[] {
  const typed = /^\/(\S*)$/.exec(text)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  const begins = commands.filter(({ name }) => name.toLowerCase().startsWith(typed));
  const holds = commands.filter(
    (command) => !begins.includes(command) && command.name.toLowerCase().includes(typed),
  );
  return [...begins, ...holds].slice(0, MAX_MATCHES);
}

const MAX_MATCHES = 50;

/** A file as base64, without the `data:` in front. */
export async function base64Of(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += CHUNK)
    text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(text);
}

/** More arguments than this at once overflow the stack. */
const CHUNK = 0x8000;
