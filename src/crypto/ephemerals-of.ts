import type { DhKeyPair, HandshakePrimitives, SymmetricPrimitives } from './primitives.ts';

/**
 * `base`, with the key of each handshake made by `make`: in a page that is WebCrypto, many times faster
 * than JavaScript and with a secret that no script can read. It takes its time, so one is made ahead.
 */
export function withEphemeralsOf(
  base: SymmetricPrimitives,
  make: () => Promise<DhKeyPair>,
): HandshakePrimitives {
  let ready: DhKeyPair | null = null;
  const refill = (): void => {
    make().then(
      (pair) => (ready = pair),
      // Who asks for one is told.
      () => {},
    );
  };
  refill();
  return {
    ...base,
    generateKeyPair: () => {
      const taken = ready;
      ready = null;
      refill();
      return taken ?? make();
    },
  };
}
