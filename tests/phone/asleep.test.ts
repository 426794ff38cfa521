import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../build/compile.mjs';
import { eventually } from '../integration/support/host-under-test.ts';
import {
  mockLogind,
  mockUpower,
  prepareForSleep,
  whyNoDbusmock,
  type Mock,
} from '../support/dbusmock.ts';
import { TestBuses } from '../support/test-bus.ts';
import type { Phone } from './support/phone.ts';
import { PhoneStage } from './support/phone-stage.ts';

const BACK_LIMIT_MS = 40_000;

describe.skipIf(whyNoDbusmock() !== null)('a computer that goes to sleep', () => {
  const before = { ...process.env };
  let buses: TestBuses;
  let logind: Mock;
  let stage: PhoneStage;
  let phone: Phone;
  beforeAll(async () => {
    await compile(['holder']);
    buses = await TestBuses.start();
    // What is started from here meets these, and not the machine's own.
    Object.assign(process.env, buses.env);
    [logind] = await Promise.all([
      mockLogind(buses),
      mockUpower(buses, { percent: 81, onBattery: true }),
    ]);
    stage = await PhoneStage.start();
    // Not so the phone: a Chromium that hears of a sleep ends its own connections.
    forgetBuses();
    ({ phone } = await stage.pair('operator', 'Its phone'));
  });
  afterAll(async () => {
    await stage?.stop();
    await buses?.stop();
    forgetBuses();
  });
  function forgetBuses(): void {
    for (const name of Object.keys(buses?.env ?? {})) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }

  test('is asleep on its phone, also over a reload; what was written meanwhile arrives when it wakes', async () => {
    const { page } = phone;
    const id = await stage.session(phone, 'Overnight');
    const { pid } = await stage.host.client.call('host.status', {});
    await page.locator('#composer').waitFor();
    await phone.goHome();
    await page.locator('.machine-line').getByText('81 %').waitFor();
    await phone.openSession('Overnight');

    await prepareForSleep(logind, true);
    const banner = page.locator('.link-asleep');
    await banner.getByText(/^Asleep since /).waitFor();
    // A machine that sleeps runs nothing.
    process.kill(pid, 'SIGSTOP');
    try {
      await banner.getByText('went to sleep. Nothing held the machine awake.').waitFor();
      await phone.send('SCRIPT:recall');
      await phone.sees('Waits for the connection');
      await page.reload();
      await banner.getByText('Nothing held the machine awake. What you write waits').waitFor();
      await phone.sees('Waits for the connection');
      await phone.screenshot('asleep-real');
      await phone.goHome();
      await page
        .locator('.machine-line')
        .getByText(/^As it was .*81 %/)
        .waitFor();
      expect(await page.locator('.home-lamp').innerText()).toMatch(/^Asleep since /);
      expect(await page.getByText(/is away|does not answer/).count()).toBe(0);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await prepareForSleep(logind, false);
    await banner.waitFor({ state: 'detached', timeout: BACK_LIMIT_MS });
    await stage.host.turnEnded(id, 1, BACK_LIMIT_MS);
    const types = (await stage.host.events(id)).map(({ type }) => type);
    expect(types.filter((type) => type === 'prompt.queued')).toHaveLength(1);
    await eventually(async () =>
      (await page.locator('.machine-line').getAttribute('data-tone')) === 'last' ? null : true,
    );
    expect(phone.complaints).toEqual([]);
  });
});
