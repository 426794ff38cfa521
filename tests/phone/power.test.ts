import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  awake,
  awakeWithoutLight,
  lidReport,
  LONG_TITLE,
  set,
} from '../e2e/support/power-scenes.ts';
import { sceneStage } from './support/scene-stage.ts';

const stage = sceneStage();
const { opened, asked } = stage;
const host = () => stage.phone.host;
const line = (page: Page) => page.locator('.machine-line');
const toned = async (page: Page) => await line(page).getAttribute('data-tone');

/** Two sessions at work behind a lid that may be closed. */
const lit = (): void => awake(host(), [stage.scene.busy, stage.scene.main]);

describe('the machine on the phone', () => {
  test('is one line on the first screen, which opens all about it', async () => {
    lit();
    await opened({ role: 'operator' }, '#/', async (page) => {
      await line(page)
        .getByText(/^Awake for 2 sessions and by hand, lid may be closed, 64 %/)
        .waitFor();
      expect(await line(page).innerText()).toMatch(/, relay 41 ms, checked (just now|\d+ s ago)$/);
      expect(await toned(page)).toBe('safe');
      await line(page).tap();
      await page.getByRole('heading', { name: 'The lid may be closed.' }).waitFor();
      expect(new URL(page.url()).hash).toBe('#/power');
      await page.getByText('waiting for a decision for 26 h 00 min').waitFor();
      await page.reload();
      await page.getByRole('heading', { name: 'The lid may be closed.' }).waitFor();
      await page.getByRole('button', { name: 'Back' }).tap();
      await line(page).waitFor();
    });
  });

  test('is held by an operator by hand, let go, and put to sleep when done', async () => {
    await opened({ role: 'operator' }, '#/power', async (page) => {
      await page.getByLabel('Lid too: also while it is closed').check();
      await page.getByRole('button', { name: 'For 2 hours' }).tap();
      await page.getByText(/^Held until .*\d\d:\d\d/).waitFor();
      expect(asked('power.hold')).toMatchObject([{ forSec: 7_200, lid: true }]);
      await page.getByRole('button', { name: 'Release: Held by hand' }).tap();
      await page.getByText('Nothing: the machine sleeps as it would without Porchlight.').waitFor();
      await page.getByRole('radio', { name: /^Lid too/ }).check();
      await expect
        .poll(() => asked('power.setPolicy'))
        .toMatchObject([{ policy: { keepAwake: 'lid' } }]);
      await page.getByLabel(/^Once the last reason/).check();
      await expect.poll(() => asked('power.sleepWhenDone')).toMatchObject([{ on: true }]);
      set(host(), { sleepsAt: new Date(Date.now() + 29_000).toISOString() });
      await page.getByText(/^The machine goes to sleep in \d+ s\.$/).waitFor();
      await page.getByRole('button', { name: 'Call off' }).tap();
      await expect
        .poll(() => asked('power.sleepWhenDone'))
        .toMatchObject([{ on: true }, { on: false }]);
    });
  });

  test('is only seen by a viewer', async () => {
    lit();
    await opened({ role: 'viewer' }, '#/power', async (page) => {
      await page.getByText('Changing this takes an operator').waitFor();
      const enabled = page.locator('.power button:enabled, .power input:enabled');
      expect(await enabled.count()).toBe(0);
    });
  });

  test('shows no light without a connection: what was last known, its age, and nothing to press', async () => {
    lit();
    await opened({ role: 'operator' }, '#/', async (page) => {
      await line(page).getByText('lid may be closed').waitFor();
      await page.evaluate('fakePhone.goOffline(Date.now() - 240_000)');
      await line(page)
        .getByText(/^As it was 4 min ago: Awake for 2 sessions/)
        .waitFor();
      expect(await toned(page)).toBe('last');
      await line(page).tap();
      await page.getByText('As it was 4 min ago. What changes it needs the machine.').waitFor();
      await page.getByRole('heading', { name: 'The lid could be closed then.' }).waitFor();
      expect(await page.locator('.power-safe').count()).toBe(0);
      expect(await page.locator('.power button:enabled').count()).toBe(0);
      await page.evaluate('fakePhone.comeBack()');
      await page.getByRole('heading', { name: 'The lid may be closed.' }).waitFor();
    });
  });
});

describe('a machine that sleeps', () => {
  test('is asleep since then, and not away: why, and what works meanwhile, without an alarm', async () => {
    lit();
    await opened({ role: 'operator' }, '#/', async (page) => {
      await line(page).getByText('lid may be closed').waitFor();
      await page.evaluate(`fakePhone.fallAsleep(Date.now() - 600_000, 'the battery was at 19 %')`);
      const banner = page.locator('.link-asleep');
      await banner
        .getByText('Workbench went to sleep. The battery was at 19 %. What you write waits here')
        .waitFor();
      const said = await Promise.all([
        banner.locator('strong').innerText(),
        page.locator('.home-lamp').innerText(),
        page.locator('.machine-title').innerText(),
      ]);
      expect(said).toEqual(said.map(() => expect.stringMatching(/^Asleep since .*\d\d:\d\d/)));
      expect(await page.getByRole('alert').filter({ hasText: 'sleep' }).count()).toBe(0);
      expect(await page.getByText(/is away|Not connected$/).count()).toBe(0);
      await page.evaluate('fakePhone.comeBack()');
      await banner.waitFor({ state: 'detached' });
    });
  });

  test('takes what is written, and gets it when it wakes', async () => {
    await opened({ role: 'operator' }, `#/s/${stage.scene.calm}`, async (page) => {
      await page.locator('#composer').waitFor();
      await page.evaluate(`fakePhone.fallAsleep(Date.now() - 600_000, 'nothing held it awake')`);
      await page.locator('.link-asleep').getByText('What you write waits here').waitFor();
      await page.locator('#composer').fill('Go on when you wake.');
      await page.getByRole('button', { name: 'Send', exact: true }).tap();
      await page.getByText('Waits for the connection').waitFor();
    });
  });

  test('is announced while the connection still stands', async () => {
    await opened({ role: 'viewer' }, '#/', async (page) => {
      await page.getByText('Connected to Workbench').waitFor();
      // As the device's own link does it, which this fake phone has not.
      await page.evaluate(
        `fakePhone.say({ host: { here: true, sinceMs: 0, asleepSinceMs: Date.now(), asleepSaidBy: 'host' } })`,
      );
      host().tell('host.sleeping', { at: new Date().toISOString(), why: 'Nothing held it awake.' });
      await page
        .locator('.link-asleep')
        .getByText('Workbench went to sleep. Nothing held it awake. What you write')
        .waitFor();
    });
  });
});

describe('the lid on the phone', () => {
  test('is reported after it was opened, until that is put away', async () => {
    host().power.report = lidReport([stage.scene.busy, stage.scene.main]);
    await opened({ role: 'viewer' }, '#/', async (page) => {
      const strip = page.locator('.lid-strip');
      await strip.getByText('Battery 64 % to 51 %.').waitFor();
      await strip.getByRole('button', { name: 'All of it' }).tap();
      await page.getByRole('heading', { name: 'The last time the lid was closed' }).waitFor();
      await page.locator('.power-report').getByText('Hottest 71 °C').waitFor();
      const shown = await page.locator('.power-report').innerText();
      // What turns writing round stands there marked.
      expect(shown).not.toContain(LONG_TITLE);
      expect(shown).toContain('The battery was at 19 %.');
      await page.getByRole('button', { name: 'Back' }).tap();
      await line(page).waitFor();
      await page.reload();
      const looks = asked('power.lidReport').length;
      await page.getByText('Connected to Workbench').waitFor();
      await expect.poll(() => asked('power.lidReport').length).toBeGreaterThanOrEqual(looks);
      expect(await strip.count()).toBe(0);
    });
  });

  test('that is closed while the light is off is told on every screen, until it is opened', async () => {
    lit();
    awakeWithoutLight(host());
    const closed = {
      ...lidReport([stage.scene.busy, stage.scene.main]),
      openedAt: null,
      wasSafe: false,
    };
    await opened({ role: 'viewer' }, `#/s/${stage.scene.calm}`, async (page) => {
      await page.locator('#transcript').waitFor();
      host().power.report = closed;
      host().tell('power.lid', { report: closed });
      const alarm = page.getByRole('alert').filter({ hasText: 'while the light was off' });
      await alarm.getByText('KDE’s power management acts on the lid itself.').waitFor();
      await page.getByRole('button', { name: 'Back' }).tap();
      await alarm.getByText('Work may stop when the machine sleeps.').waitFor();
      const openedLid = { ...closed, openedAt: new Date().toISOString() };
      host().power.report = openedLid;
      host().tell('power.lid', { report: openedLid });
      await alarm.waitFor({ state: 'detached' });
    });
  });
});
