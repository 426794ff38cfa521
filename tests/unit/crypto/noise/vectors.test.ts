import { describe, expect, it } from 'vitest';
import { everyPrimitives } from '../every-primitives.ts';
import { ownVectors, patternOf, play, publishedVectors, type Vector } from './vectors.ts';

const published = publishedVectors();
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const expected = (vector: Vector) => ({
  ciphertexts: vector.messages.map(({ ciphertext }) => toHex(ciphertext)),
  opened: vector.messages.map(({ payload }) => toHex(payload)),
  ...(vector.handshake_hash !== undefined && { hash: toHex(vector.handshake_hash) }),
});

describe.each(everyPrimitives)('Noise on %s', (_, make) => {
  const passes = async (vectors: readonly Vector[]): Promise<void> => {
    const primitives = await make();
    for (const vector of vectors) {
      const pattern = patternOf(vector.protocol_name);
      if (pattern === null) throw new Error(`${vector.protocol_name} is not in the table`);
      const played = await play(vector, pattern, primitives);
      expect({ name: vector.protocol_name, ...played }).toMatchObject({
        name: vector.protocol_name,
        ...expected(vector),
      });
    }
  };

  it.skipIf(published === null)(
    `passes all ${published?.length ?? 0} published vectors (skipped where ../shared/vectors is not beside the checkout)`,
    async () => await passes(published ?? []),
    60_000,
  );

  it('passes the vectors that are kept in this repository', async () => {
    await passes(ownVectors());
  });
});
