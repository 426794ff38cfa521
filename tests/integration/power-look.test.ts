import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RealLogind, SOMEBODY, whyNoLogind } from '../support/real-logind.ts';
import { TestBuses } from '../support/test-bus.ts';
import { dist } from './support/host-under-test.ts';

const LIMIT_MS = 20_000;

/** The built holder's `--look`, which doctor runs, as somebody who is neither root nor logged in. */
describe.skipIf(whyNoLogind() !== null)('a look whether the machine can be held awake', () => {
  let buses: TestBuses;
  let logind: RealLogind;
  let program: string;
  beforeAll(async () => {
    buses = await TestBuses.start();
    logind = await RealLogind.start(buses, { polkit: true });
    // Where others may read it.
    const folder = join(buses.folder, 'dist', 'holder');
    mkdirSync(folder, { recursive: true });
    for (const each of [join(folder, '..'), folder]) chmodSync(each, 0o755);
    program = join(folder, 'main.js');
    cpSync(join(dist, 'holder', 'main.js'), program);
    chmodSync(program, 0o644);
  });
  afterAll(async () => await buses.stop());

  test('says that polkit refuses the lid, and the rule that would allow it; nothing stays held', async () => {
    const user = [`--reuid=${SOMEBODY}`, `--regid=${SOMEBODY}`, '--clear-groups'];
    const env = { PATH: process.env.PATH, HOME: buses.folder, ...buses.env };
    const command = [...user, process.execPath, program, '--look'];
    const ran = spawnSync('setpriv', command, { env, encoding: 'utf8', timeout: LIMIT_MS });
    expect([ran.stderr, JSON.parse(ran.stdout)]).toEqual([
      '',
      expect.objectContaining({
        idle: { effective: true, reason: null, fix: null },
        lid: {
          effective: false,
          reason: expect.stringContaining('logged in at its screen'),
          fix: expect.stringContaining('/etc/polkit-1/rules.d/50-porchlight.rules'),
          setUp: null,
        },
        lidSettings: [],
      }),
    ]);
    expect(await logind.inhibitors()).toEqual([]);
  });
});
