import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import { readPrivate, writePrivate } from '../devices/private-file.ts';
import { stampOf } from './safe-read.ts';

const MAX_PROJECTS = 5_000;

const bookSchema = z.strictObject({
  version: z.literal(1),
  projects: z
    .array(
      z.strictObject({
        folder: z.string(),
        hash: z.string().regex(/^[0-9a-f]{64}$/),
        at: z.iso.datetime(),
      }),
    )
    .max(MAX_PROJECTS),
});
type Book = z.infer<typeof bookSchema>;

/** Which projects' own rules the person has read and trusts, each as it read then. */
export class TrustBook {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #now: () => Date;
  #stamp = '';
  #book: Book = { version: 1, projects: [] };
  #problem: string | null = null;

  constructor(path: string, needs: { logger: Logger; now(): Date }) {
    this.#path = path;
    this.#logger = needs.logger;
    this.#now = needs.now;
  }

  /** Of a book that cannot be read: nothing is trusted until it can. */
  get problem(): string | null {
    this.#refresh();
    return this.#problem;
  }

  /** SHA-256 of the content that is trusted there, or null. */
  hashOf(folder: string): string | null {
    return this.#refresh().projects.find((each) => each.folder === folder)?.hash ?? null;
  }

  folders(): string[] {
    return this.#refresh().projects.map(({ folder }) => folder);
  }

  /** `hash` null: no more. Throws in words where the book cannot be read or written. */
  set(folder: string, hash: string | null): void {
    const { projects } = this.#refresh();
    if (this.#problem !== null) throw new Error(this.#problem);
    const others = projects.filter((each) => each.folder !== folder);
    const own = hash === null ? [] : [{ folder, hash, at: this.#now().toISOString() }];
    const next: Book = { version: 1, projects: [...others, ...own].slice(-MAX_PROJECTS) };
    writePrivate(this.#path, `${JSON.stringify(next, null, 2)}\n`);
    this.#refresh();
  }

  #refresh(): Book {
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return this.#book;
    this.#stamp = stamp;
    this.#book = { version: 1, projects: [] };
    this.#problem = null;
    try {
      const text = readPrivate(this.#path);
      if (text !== null) this.#book = bookSchema.parse(JSON.parse(text));
    } catch (error) {
      this.#problem = `No project's rules are trusted, because ${this.#path} cannot be read: move it away, and trust them anew with "porchlight rules trust".`;
      this.#logger.warn({ err: error }, 'the book of trusted projects cannot be read');
    }
    return this.#book;
  }
}
