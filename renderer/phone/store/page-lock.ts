import type { Lock } from '../../../src/connection/device/ports.ts';

/**
 * One holder among all pages of this phone. A page over plain http has no lock manager: there the
 * holder is one in this page, and two pages may both send what waits; the host does each command once.
 */
export function pageLock(name: string, locks: LockManager | undefined): Lock {
  if (locks === undefined) return new LockOfOnePage();
  return {
    hold: async (signal, run) => await locks.request(name, { signal }, run),
  };
}

class LockOfOnePage implements Lock {
  #last: Promise<unknown> = Promise.resolve();

  async hold<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const turn = (async () => {
      await before;
      signal.throwIfAborted();
      return await run();
    })();
    this.#last = turn.catch(() => {});
    return await turn;
  }
}
