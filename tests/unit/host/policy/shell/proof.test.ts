import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ATTACKS } from './corpus/corpus.ts';
import { ProofGround } from './corpus/proof-ground.ts';

const AT_ONCE = 4;
/** Every so many of them, to stay within seconds; `PORCHLIGHT_PROOF=all` runs each. */
const EVERY = process.env['PORCHLIGHT_PROOF'] === 'all' ? 1 : 12;
let folder = '';
let ground: ProofGround;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'porchlight-proof-'));
  ground = new ProofGround(folder);
  await ground.prepare();
}, 30_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

test('the attacks that claim so do harm when bash runs them', { timeout: 300_000 }, async () => {
  const claims = ATTACKS.filter(({ proven }) => proven).map(({ line }) => line);
  const harmless: string[] = [];
  const left = claims.filter((_, nth) => nth % EVERY === 0);
  const worker = async (): Promise<void> => {
    for (let line = left.shift(); line !== undefined; line = left.shift()) {
      if (!(await ground.succeeds(line))) harmless.push(line);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  expect(harmless).toEqual([]);
  expect(claims.length).toBeGreaterThan(400);
});

test('an allowed command does no harm by the same measure', { timeout: 30_000 }, async () => {
  expect(await ground.succeeds('git status; ls; cat a.txt')).toBe(false);
});
