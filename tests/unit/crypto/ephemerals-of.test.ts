import { expect, it } from 'vitest';
import { withEphemeralsOf } from '../../../src/crypto/ephemerals-of.ts';
import { noblePrimitives } from '../../../src/crypto/noble-primitives.ts';
import type { DhKeyPair } from '../../../src/crypto/primitives.ts';

const turn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

it('gives each key once: one that was made ahead, and a fresh one while none is ready', async () => {
  const made: DhKeyPair[] = [];
  const primitives = withEphemeralsOf(noblePrimitives, async () => {
    const pair = noblePrimitives.generateKeyPair();
    made.push(pair);
    return pair;
  });
  await turn();
  const first = primitives.generateKeyPair();
  expect(first).toBe(made[0]);
  const between = primitives.generateKeyPair();
  expect(between).toBeInstanceOf(Promise);
  await turn();
  const second = primitives.generateKeyPair();
  const all = await Promise.all([first, between, second]);
  expect(new Set(all.map(({ publicKey }) => publicKey.join())).size).toBe(3);
});

it('says so to who asks, where no key can be made, and goes on when one can', async () => {
  let works = false;
  const primitives = withEphemeralsOf(noblePrimitives, async () => {
    if (!works) throw new Error('no X25519 here');
    return noblePrimitives.generateKeyPair();
  });
  await expect(primitives.generateKeyPair()).rejects.toThrow('no X25519 here');
  works = true;
  const [a, b] = await Promise.all([primitives.generateKeyPair(), primitives.generateKeyPair()]);
  expect(await a.dh(b.publicKey)).toEqual(await b.dh(a.publicKey));
});
