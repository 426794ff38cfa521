import { verifyAudit } from '../../local/audit/verify.ts';
import type { AuditHead, AuditVerdict } from '../../protocol/audit.ts';
import type { AuditReader } from '../event-log/audit-rows.ts';

/** Some milliseconds of this thread; sessions go on between one page and the next. */
const PAGE_ENTRIES = 200;
const PAGE_BYTES = 1024 * 1024;

/** Verifies the host's own log beside its work, once at a time. */
export class LookThrough {
  readonly #rows: AuditReader;
  #running: Promise<unknown> = Promise.resolve();

  constructor(rows: AuditReader) {
    this.#rows = rows;
  }

  /** All there is as of now. Those that ask meanwhile wait for their turn. */
  async verify(head?: AuditHead): Promise<AuditVerdict> {
    const turn = this.#running.then(async () => await verifyAudit(this.#pages(), head));
    this.#running = turn.catch(() => {});
    return await turn;
  }

  async *#pages(): AsyncGenerator<string[]> {
    const last = this.#rows.tip()?.n ?? 0;
    for (let after = 0; after < last;) {
      const page = this.#rows.entries(after, PAGE_ENTRIES, PAGE_BYTES);
      const end = page.at(-1)?.n;
      if (end === undefined) return;
      yield page.map(({ text }) => text);
      after = end;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
