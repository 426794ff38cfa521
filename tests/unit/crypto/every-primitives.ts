import { noblePrimitives } from '../../../src/crypto/noble-primitives.ts';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import { withSodium } from '../../../src/crypto/sodium-primitives.ts';
import { nodePrimitives, opensslPrimitives } from '../../../src/local/node-primitives.ts';

/** Every variant of the port. What one of them does, all must. */
export const everyPrimitives: readonly [name: string, make: () => Promise<Primitives>][] = [
  ['noble', async () => noblePrimitives],
  ['noble with sodium', async () => await withSodium(noblePrimitives)],
  ['OpenSSL', async () => opensslPrimitives],
  ['node', nodePrimitives],
];
