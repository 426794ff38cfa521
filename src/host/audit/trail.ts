import { hash } from 'node:crypto';
import { Emitter } from '../../base/emitter.ts';
import { NO_ENTRY, type AuditSigner } from '../../local/audit/chain.ts';
import type { AuditHead, AuditKind, AuditWho } from '../../protocol/audit.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import type { AuditReader } from '../event-log/audit-rows.ts';
import type { AuditKeys } from './audit-key.ts';
import { canonicalText } from './plain-json.ts';

/** What an entry needs of the transaction that does what it tells. */
export type AuditTx = Pick<LogWriter, 'auditTip' | 'putAudit' | 'afterCommit'>;

export interface AuditNote {
  readonly kind: AuditKind;
  readonly who: AuditWho;
  /** Plain JSON: ids, hashes, names; never a secret. */
  readonly what: Readonly<Record<string, unknown>>;
}

/** The audit log as those see it who write to it. */
export interface Audit {
  /**
   * Adds an entry, in the transaction that does what it tells: both are there or neither. Never
   * throws for what is in the note.
   */
  append(tx: AuditTx, note: AuditNote): void;
  /** Who stands behind a `by`: `SurfaceConnection.surface`, `host` or `agent`. */
  who(by: string): AuditWho;
}

export interface AuditTrailNeeds {
  readonly rows: AuditReader;
  readonly keys: AuditKeys;
  /** Of the history: a restored one has another. */
  readonly epoch: string;
  readonly who: (by: string) => AuditWho;
  now(): Date;
  commit<T>(work: (tx: AuditTx) => T): T;
}

export const HOST: AuditWho = { surface: 'host' };

/** Appends to the audit log: each entry names the hash of the one before, and is signed. */
export class AuditTrail implements Audit {
  /** Once it is durable. */
  readonly changed = new Emitter<AuditHead>();
  readonly #needs: AuditTrailNeeds;

  constructor(needs: AuditTrailNeeds) {
    this.#needs = needs;
  }

  get head(): AuditHead | null {
    const tip = this.#needs.rows.tip();
    return tip === null ? null : { n: tip.n, hash: tip.hash };
  }

  who(by: string): AuditWho {
    return this.#needs.who(by);
  }

  append(tx: AuditTx, note: AuditNote): void {
    this.#put(tx, note, this.#signer(tx));
    tx.afterCommit(() => {
      const { head } = this;
      if (head !== null) this.changed.emit(head);
    });
  }

  /** Signs with a new key from the next entry on; the present one signs that. */
  changeKey(who: AuditWho): AuditHead {
    const { keys, commit } = this.#needs;
    const next = commit((tx) => {
      const present = this.#signer(tx);
      const made = keys.next(present);
      const what = { publicKey: made.publicKey };
      this.#put(tx, { kind: 'keyChanged', who, what }, present, made.publicKey);
      return made;
    });
    // A host that dies before finds both, and the log says which one signs.
    keys.keepOnly(next);
    return this.#announced();
  }

  /** A history that was restored from a copy says so, once. */
  noteRestored(): void {
    const { rows, epoch, commit } = this.#needs;
    const newest = rows.newestTurn(['begun', 'restored']);
    if (newest === null || newest.includes(`"epoch":${JSON.stringify(epoch)}`)) return;
    commit((tx) => this.append(tx, { kind: 'restored', who: HOST, what: { epoch } }));
  }

  #announced(): AuditHead {
    const { head } = this;
    if (head === null) throw new Error('The audit log is empty after an entry was added.');
    this.changed.emit(head);
    return head;
  }

  /** The key that the log names; where that is lost, another one, and an entry that says so. */
  #signer(tx: AuditTx): AuditSigner {
    const { keys, epoch } = this.#needs;
    const tip = tx.auditTip();
    const known = tip === null ? null : keys.find(tip.key);
    if (known !== null) return known;
    const signer = keys.any();
    const { publicKey } = signer;
    const note: AuditNote =
      tip === null
        ? { kind: 'begun', who: HOST, what: { publicKey, epoch } }
        : { kind: 'keyChanged', who: HOST, what: { publicKey, lost: true } };
    this.#put(tx, note, signer, publicKey);
    return signer;
  }

  #put(tx: AuditTx, note: AuditNote, signer: AuditSigner, names?: string): void {
    const tip = tx.auditTip();
    const { kind } = note;
    const n = (tip?.n ?? 0) + 1;
    const text = canonicalText({
      ...note,
      n,
      at: this.#needs.now().toISOString(),
      previous: tip?.hash ?? NO_ENTRY,
    });
    const entryHash = hash('sha256', text, 'hex');
    const signature = signer.sign(entryHash);
    tx.putAudit({
      ...{ n, kind, hash: entryHash },
      key: names ?? signer.publicKey,
      text: `${text.slice(0, -1)},"hash":"${entryHash}","signature":"${signature}"}`,
    });
  }
}
