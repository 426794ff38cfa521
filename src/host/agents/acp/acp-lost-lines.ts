import type { InstanceId } from '../../../protocol/ids.ts';
import type { LogWriter } from '../../event-log/event-log.ts';

export interface LostLinesNeeds {
  /** Tells the sessions of an agent. */
  error(tx: LogWriter, instance: InstanceId, text: string): void;
  /** A message was lost: if the agent stays silent from now on, it may wait for us for ever. */
  lost(instance: InstanceId): void;
}

/** What is said of lines that never arrived: too long, or damaged on the keeper's disk. */
export class LostLines {
  readonly #needs: LostLinesNeeds;
  /** Said in this transaction, or in one that was committed: one notice for all lost in a row. */
  readonly #said = new Map<InstanceId, LogWriter | 'committed'>();

  constructor(needs: LostLinesNeeds) {
    this.#needs = needs;
  }

  /** `bytes` is 0 for a damaged one. */
  line(tx: LogWriter, instance: InstanceId, bytes: number): void {
    if (bytes > 0) this.#tooLong(tx, instance, bytes);
    else this.#damaged(tx, instance);
  }

  /** A line arrived, or the agent is forgotten. */
  heard(instance: InstanceId): void {
    this.#said.delete(instance);
  }

  #tooLong(tx: LogWriter, instance: InstanceId, bytes: number): void {
    const mib = (bytes / 1024 / 1024).toFixed(0);
    this.#needs.error(
      tx,
      instance,
      `The agent sent one message of ${mib} MiB; the limit is 32 MiB. It was left out.`,
    );
    tx.afterCommit(() => this.#needs.lost(instance));
  }

  #damaged(tx: LogWriter, instance: InstanceId): void {
    const said = this.#said.get(instance);
    if (said === 'committed' || said === tx) return;
    this.#said.set(instance, tx);
    this.#needs.error(
      tx,
      instance,
      'Messages of the agent that waited on the disk for this host are damaged and were left out.',
    );
    tx.afterCommit(() => {
      if (this.#said.get(instance) === tx) this.#said.set(instance, 'committed');
      this.#needs.lost(instance);
    });
  }
}
