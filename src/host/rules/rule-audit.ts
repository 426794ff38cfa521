import { createHash } from 'node:crypto';
import { HOST, type Audit, type AuditTx } from '../audit/trail.ts';
import type { Store, Writer } from '../event-log/store.ts';
import type { RuleBook } from './rule-book.ts';
import type { TrustBook } from './trust-book.ts';

/** Of the files as they were when the audit log last told of them. */
const TOLD = 'rules.told';

type Tx = AuditTx & Pick<Writer, 'putMeta'>;

export interface RuleAuditNeeds {
  readonly audit: Audit;
  readonly book: Pick<RuleBook, 'files'>;
  readonly trust: Pick<TrustBook, 'folders' | 'hashOf'>;
  readonly store: Pick<Store, 'meta'>;
  readonly commit: (work: (tx: Tx) => void) => void;
}

/** Tells the audit log of rules that change: by a surface, or by hand in a file. */
export class RuleAudit {
  readonly #needs: RuleAuditNeeds;

  constructor(needs: RuleAuditNeeds) {
    this.#needs = needs;
  }

  /** A surface has changed something, in this transaction. */
  changed(tx: Tx, by: string, what: Readonly<Record<string, unknown>>): void {
    const { audit } = this.#needs;
    audit.append(tx, { kind: 'rulesChanged', who: audit.who(by), what });
    tx.putMeta(TOLD, this.#now().mark);
  }

  /** Grants that ended were taken out of the file. Not inside a transaction. */
  ended(ids: readonly string[]): void {
    if (ids.length > 0) this.#needs.commit((tx) => this.changed(tx, HOST.surface, { ended: ids }));
  }

  /** Tells of files that were changed by hand since, also while no host ran. Not inside a transaction. */
  look(): void {
    const { audit, store, commit } = this.#needs;
    const told = store.meta(TOLD);
    const { mark, files } = this.#now();
    if (mark === told) return;
    commit((tx) => {
      // A first host has nothing to compare with, and nothing to tell where there are no rules.
      if (told !== null || files.length > 0)
        audit.append(tx, { kind: 'rulesChanged', who: HOST, what: { byHand: true, files } });
      tx.putMeta(TOLD, mark);
    });
  }

  #now(): { mark: string; files: object[] } {
    const { book, trust } = this.#needs;
    // Files of projects come and go with sessions; what of them may loosen is in the trust.
    const files = book
      .files()
      .filter(({ about }) => about.source !== 'project' && about.state !== 'none')
      .map(({ about: { path, state }, rules }) => ({
        path,
        state,
        rules: rules.length,
        hash: sha256(rules.map(({ id }) => id)),
      }));
    const trusted = trust.folders().map((folder) => [folder, trust.hashOf(folder)]);
    return { mark: sha256([files, trusted]), files };
  }
}

function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
