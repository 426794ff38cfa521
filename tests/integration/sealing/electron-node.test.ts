import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../../build/programs.mjs';
import { nodeConfig } from '../../../build/vite.node.mjs';
import { electronPath } from '../../e2e/support/tray-app.ts';
import { publishedVectors } from '../../unit/crypto/noise/vectors.ts';

const LIMIT_MS = 120_000;
const KEPT_HERE = 8;

describe('sealing, built as the programs are built', { timeout: LIMIT_MS }, () => {
  let folder: string;
  const program = (): string => join(folder, 'vectors.mjs');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sealing-'));
    const entry = 'tests/integration/sealing/vectors-program.ts';
    await build(nodeConfig({ entry, out: 'sealing/vectors.mjs' }, folder));
  }, LIMIT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (node: string, env: NodeJS.ProcessEnv): unknown => {
    const { stdout, stderr } = spawnSync(node, [program(), root], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });
    return JSON.parse(stdout || `{"failed":${JSON.stringify(stderr)}}`);
  };

  const right = {
    played: (publishedVectors()?.length ?? 0) + KEPT_HERE,
    wrong: { node: [], openssl: [], sodium: [] },
    large: true,
  };

  it('passes every vector on this Node', () => {
    expect(run(process.execPath, {})).toEqual({ ...right, electron: false, hasOwnCipher: true });
  });

  it("passes every vector on Electron's Node, which has no ChaCha20-Poly1305 of its own", async () => {
    const electron = await electronPath();
    const found = run(electron, { ELECTRON_RUN_AS_NODE: '1' });
    expect(found).toMatchObject({ ...right, electron: true });
  });
});
