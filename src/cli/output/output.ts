import type { Writable } from 'node:stream';
import { jsonLine } from './text.ts';

/** Where a verb's answer goes: stdout holds one JSON value or text for people, stderr all else. */
export class Output {
  readonly json: boolean;
  /** The terminal's width; undefined when stdout is none. */
  readonly columns: number | undefined;
  readonly #stdout: Writable;
  readonly #stderr: Writable;
  readonly #onGone = new Set<() => void>();
  #gone = false;

  constructor(given: {
    stdout: Writable;
    stderr: Writable;
    json: boolean;
    columns: number | undefined;
  }) {
    this.json = given.json;
    this.columns = given.columns;
    this.#stdout = given.stdout;
    this.#stderr = given.stderr;
    // Whoever read us has left (`| head`): there is nothing to tell, and nobody to tell it.
    this.#stdout.on('error', () => this.#leave());
    this.#stderr.on('error', () => {});
  }

  /** Whether the reader of stdout has left. */
  get isGone(): boolean {
    return this.#gone;
  }

  onGone(listener: () => void): void {
    this.#onGone.add(listener);
    if (this.#gone) listener();
  }

  /** The answer: `value` as JSON, or what `text` makes of it. */
  async answer(value: unknown, text: () => string): Promise<void> {
    if (this.json) return await this.line(jsonLine(value));
    const words = text();
    if (words !== '') await this.line(words);
  }

  async line(text: string): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** Resolves when the reader has room again, so that memory stays bounded behind a slow one. */
  async write(text: string): Promise<void> {
    if (this.#gone || this.#stdout.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#stdout.off('drain', done);
        this.#onGone.delete(done);
        resolve();
      };
      this.#stdout.on('drain', done);
      this.#onGone.add(done);
    });
  }

  /** A remark for a person; never on stdout. */
  remark(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const listener of [...this.#onGone]) listener();
  }
}
