import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** As much of a browser as a smoke test needs. */
export interface OtherBrowser {
  goto(url: string): Promise<void>;
  /** Also without a network. */
  reload(): Promise<void>;
  /** Awaits what the expression gives, which must be plain. */
  evaluate(expression: string): Promise<unknown>;
  stop(): Promise<void>;
}

export function onPath(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** The outcome of an expression as text, so that every protocol carries it alike. */
export const asText = (expression: string): string =>
  `Promise.resolve().then(() => (${expression})).then((value) => JSON.stringify({ value: value ?? null }), (error) => JSON.stringify({ error: String(error) }))`;

export function fromText(text: unknown): unknown {
  const outcome = JSON.parse(String(text)) as { value?: unknown; error?: string };
  if (outcome.error !== undefined) throw new Error(outcome.error);
  return outcome.value;
}
