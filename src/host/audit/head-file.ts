import { appendFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { withDeadline } from '../../base/deadline.ts';
import type { AuditHead } from '../../protocol/audit.ts';

/** A share that hangs must not keep more than one line waiting. */
const WRITE_LIMIT_MS = 10_000;

export interface HeadFileNeeds {
  /** `audit.headFile` of config.json. */
  path(): string | undefined;
  now(): Date;
  /** What is wrong, in words; null: nothing. */
  trouble(words: string | null): void;
}

/** Adds heads as lines (`N:HASH time`) to a file elsewhere, where whoever can write here cannot. */
export class HeadFile {
  readonly #needs: HeadFileNeeds;
  #writing: Promise<void> | null = null;
  #next: AuditHead | null = null;

  constructor(needs: HeadFileNeeds) {
    this.#needs = needs;
  }

  add(head: AuditHead): void {
    this.#next = head;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
      if (this.#next !== null) this.add(this.#next);
    });
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async #write(): Promise<void> {
    const { path: pathNow, now, trouble } = this.#needs;
    const path = pathNow();
    const head = this.#next;
    this.#next = null;
    if (path === undefined || head === null) return trouble(null);
    if (!isAbsolute(path))
      return trouble(
        `The heads of the audit log are not kept: audit.headFile in config.json must be an absolute path, not ${path}.`,
      );
    const line = `${head.n}:${head.hash} ${now().toISOString()}\n`;
    try {
      const written = appendFile(path, line, { mode: 0o600 });
      await withDeadline(written, WRITE_LIMIT_MS, `writing to ${path}`);
      trouble(null);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      trouble(
        `The heads of the audit log are not kept in ${path} (${why}): see audit.headFile in config.json.`,
      );
    }
  }
}
