import { createCipheriv } from 'node:crypto';
import { noblePrimitives } from '../../../src/crypto/noble-primitives.ts';
import { withSodium } from '../../../src/crypto/sodium-primitives.ts';
import { nodePrimitives, opensslPrimitives } from '../../../src/local/node-primitives.ts';
import {
  ownVectors,
  patternOf,
  play,
  publishedVectors,
  type Vector,
} from '../../unit/crypto/noise/vectors.ts';

// Built into one file and run by another Node than the tests', given the checkout: prints one line of JSON.
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

async function wrongOnes(
  vectors: readonly Vector[],
  primitives: typeof noblePrimitives,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const vector of vectors) {
    const pattern = patternOf(vector.protocol_name);
    if (pattern === null) continue;
    const { ciphertexts, opened } = await play(vector, pattern, primitives);
    const isRight =
      ciphertexts.join() === vector.messages.map(({ ciphertext }) => hex(ciphertext)).join() &&
      opened.join() === vector.messages.map(({ payload }) => hex(payload)).join();
    if (!isRight) wrong.push(vector.protocol_name);
  }
  return wrong;
}

function hasOwnCipher(): boolean {
  try {
    createCipheriv('chacha20-poly1305', new Uint8Array(32), new Uint8Array(12), {
      authTagLength: 16,
    });
    return true;
  } catch {
    return false;
  }
}

const node = await nodePrimitives();
const [, , checkout] = process.argv;
const vectors = [...(publishedVectors(checkout) ?? []), ...ownVectors(checkout)];
const large = new Uint8Array(60_000).fill(5);
const [key, nonce] = [new Uint8Array(32).fill(1), new Uint8Array(12)];
process.stdout.write(
  JSON.stringify({
    electron: process.versions.electron !== undefined,
    hasOwnCipher: hasOwnCipher(),
    played: vectors.length,
    wrong: {
      node: await wrongOnes(vectors, node),
      openssl: await wrongOnes(vectors, opensslPrimitives),
      sodium: await wrongOnes(vectors, await withSodium(noblePrimitives)),
    },
    large:
      hex(node.aead(key).seal(nonce, key, large)) ===
      hex(noblePrimitives.aead(key).seal(nonce, key, large)),
  }) + '\n',
);
