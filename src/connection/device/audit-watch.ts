import { Emitter } from '../../base/emitter.ts';
import type { AuditHead } from '../../protocol/audit.ts';

/** The log does not contain what this device saw of it. */
export interface AuditTrouble {
  readonly foundAtMs: number;
  /** The newest entry that the host named then; null: it has no log. */
  readonly newest: AuditHead | null;
  /** What it says of the entry that was seen; null: that it is not there. */
  readonly says: AuditHead | null;
}

/** What a device keeps of one host's audit log. */
export interface KeptHead {
  readonly head: AuditHead;
  /** By this device's clock, when the host named it. */
  readonly atMs: number;
  /** Stays, with the head that it is about, until the person has put it away. */
  readonly trouble: AuditTrouble | null;
}

export interface AuditWatchNeeds {
  readonly store: {
    load(): Promise<KeptHead | null>;
    /** null: forget it. */
    save(kept: KeptHead | null): Promise<void>;
  };
  /** `audit.head {n}` of the host. */
  ask(n: number): Promise<AuditHead | null>;
  nowMs(): number;
}

/**
 * Remembers the newest entry of a host's audit log and looks, each time the host names a newer one,
 * whether the log still contains it. Whoever cuts or rewrites the log on the machine, with its keys
 * in hand, cannot do so in the memory of a phone.
 */
export class AuditWatch {
  readonly changed = new Emitter<KeptHead | null>();
  readonly #needs: AuditWatchNeeds;
  #kept: KeptHead | null = null;
  /** The newest that was named, not yet compared. */
  #named: AuditHead | null | undefined;
  #newest: AuditHead | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(needs: AuditWatchNeeds) {
    this.#needs = needs;
    this.#then(async () => this.#set(await needs.store.load()));
  }

  get kept(): KeptHead | null {
    return this.#kept;
  }

  /** The host named its newest entry; undefined: an older host, which names none. */
  named(head: AuditHead | null | undefined): void {
    if (head === undefined) return;
    this.#named = head;
    this.#then(async () => await this.#compare());
  }

  /** The person has read it: from here on what the host says now counts. */
  async dismiss(): Promise<void> {
    this.#then(async () => {
      if (this.#kept?.trouble == null) return;
      await this.#keep(this.#newest);
    });
    await this.settled();
  }

  /** Resolves when all that was named so far is compared and kept. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #compare(): Promise<void> {
    const newest = this.#named;
    // Another came meanwhile and was compared.
    if (newest === undefined) return;
    this.#named = undefined;
    this.#newest = newest;
    const kept = this.#kept;
    if (kept === null) return await this.#keep(newest);
    if (kept.trouble !== null) return;
    const { head } = kept;
    const says =
      newest === null || newest.n < head.n
        ? null
        : newest.n === head.n
          ? newest
          : await this.#needs.ask(head.n);
    if (says !== null && says.n === head.n && says.hash === head.hash)
      return newest?.n === head.n ? undefined : await this.#keep(newest);
    const trouble = { foundAtMs: this.#needs.nowMs(), newest, says };
    await this.#save({ ...kept, trouble });
  }

  async #keep(head: AuditHead | null): Promise<void> {
    await this.#save(head === null ? null : { head, atMs: this.#needs.nowMs(), trouble: null });
  }

  async #save(kept: KeptHead | null): Promise<void> {
    // What is found is shown also where it cannot be kept.
    this.#set(kept);
    await this.#needs.store.save(kept);
  }

  #set(kept: KeptHead | null): void {
    this.#kept = kept;
    this.changed.emit(kept);
  }

  #then(step: () => Promise<void>): void {
    // A host that did not answer, or an older one that cannot: compared with the next that is named.
    this.#running = this.#running.then(step).catch(() => {});
  }
}
