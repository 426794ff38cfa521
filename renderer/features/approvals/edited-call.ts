import { deceptionsIn } from '../../../src/base/visible-text.ts';

/** How a call's input is edited: its command as text, anything else as JSON. */
export interface CallDraft {
  readonly kind: 'command' | 'json';
  readonly text: string;
}

export type EditedCall =
  | { readonly ok: true; readonly input: unknown }
  | { readonly ok: false; readonly why: 'empty' | 'same' }
  | { readonly ok: false; readonly why: 'notJson'; readonly words: string };

const COMMAND_KEYS = ['command', 'cmd'] as const;

export function draftOf(input: unknown): CallDraft {
  const key = commandKey(input);
  if (key !== null) return { kind: 'command', text: String(recordOf(input)[key]) };
  return { kind: 'json', text: input === undefined ? '' : JSON.stringify(input, null, 2) };
}

/** What the agent is to be asked for instead of `input`. */
export function editedCall(input: unknown, { kind, text }: CallDraft): EditedCall {
  if (text.trim() === '') return { ok: false, why: 'empty' };
  const key = commandKey(input);
  if (kind === 'command' && key !== null) {
    const before = recordOf(input);
    if (before[key] === text) return { ok: false, why: 'same' };
    // What the agent said the old command is for would be a lie about this one.
    const { description: _, ...kept } = before;
    return { ok: true, input: { ...kept, [key]: text } };
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return JSON.stringify(parsed) === JSON.stringify(input)
      ? { ok: false, why: 'same' }
      : { ok: true, input: parsed };
  } catch (error) {
    return {
      ok: false,
      why: 'notJson',
      words: error instanceof Error ? error.message : String(error),
    };
  }
}

/** Signs that an input field would not show, as words. */
export function hiddenIn({ text }: CallDraft): string {
  return deceptionsIn(text).join(' ');
}

function commandKey(input: unknown): (typeof COMMAND_KEYS)[number] | null {
  const record = recordOf(input);
  return COMMAND_KEYS.find((key) => typeof record[key] === 'string' && record[key] !== '') ?? null;
}

function recordOf(input: unknown): Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? { ...input } : {};
}
