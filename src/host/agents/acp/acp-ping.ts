import type { InstanceId } from '../../../protocol/ids.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { AcpBook } from './acp-book.ts';

/**
 * An extension method (ACP, "Extensibility": names that begin with an underscore). No agent knows it,
 * and any answer will do: "method not found" proves that its event loop turns.
 */
const METHOD = '_porchlight/ping';

export interface PingNeeds {
  readonly book: AcpBook;
  /** Nothing, once the host is leaving. */
  commit(work: (tx: LogWriter) => void): void;
  /** Does not run while the machine sleeps: an agent that slept was not asked. */
  steadyMs(): number;
}

interface Asked {
  readonly atMs: number;
  readonly waiting: Set<(tookMs: number) => void>;
}

/**
 * Asks adapter processes whether they are there. One question at a time a process: what hangs is not
 * sent more of what it does not read.
 */
export class AcpPing {
  readonly #needs: PingNeeds;
  readonly #asked = new Map<InstanceId, Asked>();

  constructor(needs: PingNeeds) {
    this.#needs = needs;
  }

  /** How long the question that is open waits already; null: none is. */
  openForMs(instance: InstanceId): number | null {
    const asked = this.#asked.get(instance);
    return asked === undefined ? null : this.#needs.steadyMs() - asked.atMs;
  }

  /** How long the answer took; null when there was none within `limitMs`, or nobody to ask. */
  async ask(instance: InstanceId, limitMs: number): Promise<number | null> {
    const asked = this.#asked.get(instance) ?? this.#put(instance);
    if (asked === null) return null;
    return await new Promise((resolve) => {
      const answered = (tookMs: number): void => {
        clearTimeout(limit);
        resolve(tookMs);
      };
      const limit = setTimeout(() => {
        asked.waiting.delete(answered);
        resolve(null);
      }, limitMs);
      asked.waiting.add(answered);
    });
  }

  answered(instance: InstanceId): void {
    const asked = this.#asked.get(instance);
    if (asked === undefined) return;
    this.#asked.delete(instance);
    const tookMs = this.#needs.steadyMs() - asked.atMs;
    for (const answered of asked.waiting) answered(tookMs);
  }

  /** The process is gone: who waits is not answered. */
  forget(instance: InstanceId): void {
    this.#asked.delete(instance);
  }

  /** null: it has not said hello yet, or is being ended. */
  #put(instance: InstanceId): Asked | null {
    const { book, commit, steadyMs } = this.#needs;
    const memo = book.memo(instance);
    if (memo === null || memo.agent === null || memo.ending) return null;
    const asked: Asked = { atMs: steadyMs(), waiting: new Set() };
    this.#asked.set(instance, asked);
    // Asked by a host that is gone, and not answered: its answer is as good.
    const isOpen = book.outgoing(instance).some(({ outgoing }) => outgoing.kind === 'ping');
    if (!isOpen) commit((tx) => book.request(tx, instance, null, METHOD, {}, { kind: 'ping' }));
    return asked;
  }
}
