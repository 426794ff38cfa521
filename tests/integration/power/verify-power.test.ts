import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { RealLogind, whyNoLogind } from '../../support/real-logind.ts';
import { TestBuses } from '../../support/test-bus.ts';

const noLogind = whyNoLogind();
const SCRIPT = resolve('build/verify-power.mjs');

interface Report {
  readonly holds: boolean;
  readonly steps: readonly {
    readonly what: string;
    readonly seen: string;
    readonly holds: boolean | null;
  }[];
}

/** The tests may run in a container, which the holder would say. */
const ON_A_MACHINE = { DISTROBOX_ENTER_PATH: '/usr/bin/distrobox-enter' };

let buses: TestBuses | null = null;
let folder = '';
afterEach(async () => {
  await buses?.stop();
  buses = null;
  rmSync(folder, { recursive: true, force: true });
});

/** As a person runs it, at nobody's desk, with a home and buses of its own. */
async function verified(env: Record<string, string>): Promise<{ code: number; report: Report }> {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-verify-test-'));
  const code = await new Promise<number>((done) => {
    const child = execFile(
      process.execPath,
      [SCRIPT, '--quick', '--unattended'],
      { cwd: folder, env: { ...process.env, HOME: folder, ...env } },
      () => done(child.exitCode ?? -1),
    );
  });
  const file = join(folder, 'porchlight-power-report.json');
  // Just written by our own program.
  return { code, report: JSON.parse(readFileSync(file, 'utf8')) as Report };
}

describe('npm run verify:power', () => {
  test.skipIf(noLogind !== null)(
    'sees on a real logind that holds are taken, let go, and gone with a killed holder',
    async () => {
      buses = await TestBuses.start();
      const logind = await RealLogind.start(buses);
      const { code, report } = await verified({ ...buses.env, ...ON_A_MACHINE });
      expect({
        code,
        holds: report.holds,
        steps: report.steps.map(({ what, holds }) => [what, holds]),
        left: await logind.inhibitors(),
      }).toEqual({
        code: 0,
        holds: true,
        steps: [
          ['The holder starts', true],
          ['Sensors', true],
          ['Idle sleep is held off', true],
          ["Idle sleep is held off, by the system's own tools", true],
          ['Idle sleep is let be', true],
          ['The lid is held', true],
          ["The lid is held, by the system's own tools", true],
          ['Behind the closed lid', null],
          ['The lid is let be', true],
          ['SIGKILL of the holder', true],
          ['SIGKILL of holder and watchdog', null],
          ['Everything is undone', true],
        ],
        left: [],
      });
      expect(JSON.stringify(report)).not.toContain(folder);
    },
  );

  test('says in a place without logind what cannot be checked, and does not fail for it', async () => {
    const nowhere = 'unix:path=/nonexistent/bus';
    const { code, report } = await verified({
      DBUS_SYSTEM_BUS_ADDRESS: nowhere,
      DBUS_SESSION_BUS_ADDRESS: nowhere,
    });
    const idle = report.steps.find(({ what }) => what === 'Idle sleep is held off');
    expect({ code, holds: report.holds, idle: idle?.holds, why: idle?.seen !== '' }).toEqual({
      code: 0,
      holds: true,
      idle: null,
      why: true,
    });
  });
});
