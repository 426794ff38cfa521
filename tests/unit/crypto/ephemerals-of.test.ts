import { expect, it } from 'vitest';
import { withEphemeralsOf } from '../../../src/crypto/ephemerals-of.ts';
import { noblePrimitives } from '../../../src/crypto/noble-primitives.ts';
import type { DhKeyPair } from '../../../src/crypto/primitives.ts';

const turn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

it('gives each key that was made ahead once, and one of its own while none is ready', async () => {
  const made: DhKeyPair[] = [];
  const primitives = await withEphemeralsOf(noblePrimitives, async () => {
    const pair = noblePrimitives.generateKeyPair();
    made.push(pair);
    return pair;
  });
  const first = primitives.generateKeyPair();
  const between = primitives.generateKeyPair();
  await turn();
  const second = primitives.generateKeyPair();
  expect([first, second]).toEqual([made[0], made[1]]);
  expect(made.slice(0, 2)).not.toContain(between);
  expect(new Set([first, between, second].map(({ publicKey }) => publicKey.join())).size).toBe(3);
});

it('does without, where no key can be made', async () => {
  const primitives = await withEphemeralsOf(noblePrimitives, async () => {
    throw new Error('no X25519 here');
  });
  const [a, b] = [primitives.generateKeyPair(), primitives.generateKeyPair()];
  await turn();
  expect(await a.dh(b.publicKey)).toEqual(await b.dh(a.publicKey));
});
