import type { DhKeyPair, Primitives } from './primitives.ts';

/**
 * `base`, with the key of each handshake made by `make`: in a page that is WebCrypto, many times faster
 * than JavaScript and with a secret that no script can read. It takes its time, so one is made ahead;
 * where none is ready, or `make` fails, `base` makes it.
 */
export async function withEphemeralsOf(
  base: Primitives,
  make: () => Promise<DhKeyPair>,
): Promise<Primitives> {
  let ready: DhKeyPair | null = null;
  const refill = async (): Promise<void> => {
    try {
      ready = await make();
    } catch {
      // Not here, or not any more: `base` can do it too.
      ready = null;
    }
  };
  await refill();
  return {
    ...base,
    generateKeyPair: () => {
      const taken = ready;
      if (taken === null) return base.generateKeyPair();
      ready = null;
      void refill();
      return taken;
    },
  };
}
