import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeConfig } from '../../../build/vite.node.mjs';
import { electronPath } from '../../e2e/support/tray-app.ts';
import { PushService } from '../../support/push-service.ts';

const LIMIT_MS = 120_000;

describe('a push, built as the programs are built', { timeout: LIMIT_MS }, () => {
  let folder: string;
  let service: PushService;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'push-program-'));
    service = await PushService.start();
    const entry = 'tests/integration/push/push-program.ts';
    await build(nodeConfig({ entry, out: 'push/push.mjs' }, join(folder, 'built')));
  }, LIMIT_MS);

  afterAll(async () => {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const push = async (node: string, env: NodeJS.ProcessEnv) => {
    const keys = mkdtempSync(join(folder, 'keys-'));
    const subscription = service.subscribe();
    const args = [
      join(folder, 'built', 'push.mjs'),
      keys,
      JSON.stringify(subscription),
      service.host,
    ];
    const options = { env: { ...process.env, ...env }, timeout: LIMIT_MS };
    const { stdout, stderr } = await promisify(execFile)(node, args, options);
    const [taken] = service.takenBy(subscription);
    return [JSON.parse(stdout || JSON.stringify({ stderr })), taken?.type, service.faults];
  };

  it('is sealed and signed as it should be on this Node', async () => {
    expect(await push(process.execPath, {})).toEqual([
      { carried: { kind: 'handed', status: 201 }, electron: false },
      'show',
      [],
    ]);
  });

  it("and on Electron's, whose cryptography is another", async () => {
    expect(await push(await electronPath(), { ELECTRON_RUN_AS_NODE: '1' })).toEqual([
      { carried: { kind: 'handed', status: 201 }, electron: true },
      'show',
      [],
    ]);
  });
});
