import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { RpcFailure } from '../../src/protocol/errors.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import { faultsInEveryLook } from './support/every-look.ts';
import {
  awake,
  awakeWithoutLight,
  heldBack,
  lidReport,
  set,
  slept,
} from './support/power-scenes.ts';
import { fill } from './support/window-scenes.ts';
import { windowStage } from './support/window-stage.ts';

const stage = windowStage();
let sessions: SessionId[];

beforeEach(() => {
  const main = fill(stage.host);
  const other = [...stage.host.sessions.keys()].find((id) => id !== main);
  if (other === undefined) throw new Error('The scene has one session only.');
  sessions = [main, other];
});

const line = (page: Page) => page.locator('.sessions .machine-line');
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Awake and lid' });

async function openPower(page: Page): Promise<void> {
  await line(page).click();
  await dialog(page).getByRole('heading', { name: 'What holds it awake' }).waitFor();
}

describe('the machine in the window', () => {
  test('is one line that follows the host, green when the lid may be closed', async () => {
    const page = await stage.open();
    const words: string[] = [];
    const colours: string[] = [];
    const look = async (expected: RegExp): Promise<void> => {
      await line(page).filter({ hasText: expected }).waitFor();
      words.push(await line(page).innerText());
      colours.push(await colourOf(page, '.sessions .machine-line'));
    };
    await look(/May sleep/);
    awake(stage.host, sessions);
    await look(/may be closed/);
    awakeWithoutLight(stage.host);
    await look(/keep the lid open/);
    heldBack(stage.host);
    await look(/19 %/);
    expect(words).toEqual([
      'May sleep, 64 %',
      'Awake for 2 sessions and by hand, lid may be closed, 64 %',
      'Awake for 2 sessions and by hand; keep the lid open: the system does not hold it, 64 %',
      'May sleep: the battery is at 19 %',
    ]);
    expect(colours.map((colour) => colour === colours[1])).toEqual([false, true, false, false]);
  });

  test('says nothing of the machine while the host is away', async () => {
    awake(stage.host, sessions);
    const page = await stage.open();
    await line(page).waitFor();
    for (const connection of stage.host.connections) connection.close('gone');
    await line(page).waitFor({ state: 'detached' });
    // It comes back by itself.
    await line(page).waitFor();
  });
});

describe('all about staying awake', () => {
  test('lists what holds the machine, and lets go of what a person took', async () => {
    awake(stage.host, sessions);
    const page = await stage.open();
    await openPower(page);
    const holds = dialog(page).getByRole('region', { name: 'What holds it awake' });
    expect((await holds.getByRole('listitem').allInnerTexts()).map(plain)).toEqual([
      'A slug for every title | working for 8 min',
      expect.stringMatching(
        /^Sort .*‹U\+202E›backwards \| waiting for a decision for 26 h 00 min$/,
      ),
      expect.stringMatching(
        /^Held by hand \| held for 1\d s, until .*, lid too, asked for on Ada’s phone‹U\+202E› \| Release$/,
      ),
    ]);
    await holds.getByRole('button', { name: 'Release: Held by hand' }).click();
    await holds.getByText('Released.').waitFor();
    expect([await holds.getByRole('listitem').count(), stage.calls('power.release')]).toEqual([
      2,
      [{ commandId: expect.any(String), id: expect.any(String) }],
    ]);
  });

  test('holds it by hand, with the lid or without', async () => {
    const page = await stage.open();
    await openPower(page);
    const part = dialog(page).getByRole('region', { name: 'Hold it awake by hand' });
    await part.getByRole('button', { name: 'For 2 hours' }).click();
    await part.getByText(/^Held until .*\d\d:\d\d/).waitFor();
    await part.getByRole('checkbox').check();
    await part.getByRole('button', { name: 'Until released' }).click();
    await part.getByText('Held until released.').waitFor();
    expect(stage.calls('power.hold')).toEqual([
      { commandId: expect.any(String), lid: false, forSec: 7_200 },
      { commandId: expect.any(String), lid: true },
    ]);
  });

  test('changes the policy, at once where it is a choice and when saved where it is typed', async () => {
    const page = await stage.open();
    await openPower(page);
    const part = dialog(page).getByRole('region', { name: 'When work keeps it awake' });
    await part.getByRole('radio', { name: 'Lid too' }).check();
    await expect
      .poll(() => stage.host.power.state.policy.keepAwake, { timeout: 5_000 })
      .toBe('lid');
    await part.locator('summary').click();
    await part.getByLabel('Battery floor').fill('ninety');
    await part.getByRole('button', { name: 'Save' }).click();
    await part.getByText('Battery floor: a number from 0 to 95.').waitFor();
    await part.getByLabel('Battery floor').fill('35');
    await part.getByRole('checkbox', { name: 'Quiet hours' }).check();
    await part.getByLabel('From').fill('23:15');
    await part.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(() => stage.host.power.state.policy, { timeout: 5_000 })
      .toMatchObject({ batteryFloor: 35, quietHours: { from: '23:15', to: '07:00' } });
    expect(stage.calls('power.setPolicy').length).toBe(2);
  });

  test('counts down to a sleep that can be called off', async () => {
    const page = await stage.open();
    await openPower(page);
    const part = dialog(page).getByRole('region', { name: 'Sleep when done' });
    await part.getByRole('checkbox').check();
    await expect.poll(() => stage.calls('power.sleepWhenDone').length, { timeout: 5_000 }).toBe(1);
    set(stage.host, { sleepsAt: new Date(Date.now() + 30_000).toISOString() });
    await part.getByText(/The machine goes to sleep in 2\d s\./).waitFor();
    // Also for whoever is at something else.
    await page.keyboard.press('Escape');
    await page.getByRole('alert').getByRole('button', { name: 'Call off' }).click();
    await page.getByText('The machine goes to sleep').waitFor({ state: 'detached' });
    await openPower(page);
    await part.getByRole('checkbox').waitFor();
    expect(stage.calls('power.sleepWhenDone').map(({ on }) => on)).toEqual([true, false]);
  });

  test('shows what was chosen while the host thinks about it, and what is so when it refuses', async () => {
    const page = await stage.open();
    await openPower(page);
    let refuse = (): void => {};
    stage.host.handlers['power.sleepWhenDone'] = async () =>
      await new Promise((_, reject) => {
        refuse = () => reject(new RpcFailure('refused', 'Not now.'));
      });
    const part = dialog(page).getByRole('region', { name: 'Sleep when done' });
    await part.getByRole('checkbox').check();
    await expect.poll(() => stage.calls('power.sleepWhenDone').length, { timeout: 5_000 }).toBe(1);
    expect(await part.getByRole('checkbox').isChecked()).toBe(true);
    refuse();
    await part.getByText('Not now.').waitFor();
    expect(await part.getByRole('checkbox').isChecked()).toBe(false);
  });

  test('sets up what the lid needs only after saying what it changes', async () => {
    awake(stage.host, sessions);
    awakeWithoutLight(stage.host);
    const page = await stage.open();
    await openPower(page);
    const part = dialog(page).getByRole('region', { name: 'Set up once' });
    await part.getByRole('button', { name: 'Set up…' }).click();
    await part.getByText('The old value is kept and put back').waitFor();
    expect(stage.calls('power.setUp')).toEqual([]);
    await part.getByRole('button', { name: 'Set up', exact: true }).click();
    await part.getByRole('button', { name: 'Undo the set-up' }).waitFor();
    expect(stage.calls('power.setUp')).toEqual([{ undo: false }]);
  });

  test('says what is wrong when the host refuses', async () => {
    const page = await stage.open();
    await openPower(page);
    stage.host.handlers['power.hold'] = () => {
      throw new RpcFailure('refused', 'The holder cannot be started.');
    };
    const part = dialog(page).getByRole('region', { name: 'Hold it awake by hand' });
    await part.getByRole('button', { name: 'For 1 hour' }).click();
    await part.getByRole('alert').waitFor();
    expect(await part.getByRole('alert').innerText()).toContain('The holder cannot be started.');
  });

  test('is opened by its key and by its name', async () => {
    const page = await stage.open();
    await line(page).waitFor();
    await page.keyboard.press('Alt+Shift+K');
    await dialog(page).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('awake and');
    await page.keyboard.press('Enter');
    await dialog(page).waitFor();
  });
});

describe('on opening the lid', () => {
  test('what went on behind it is said until it is put away', async () => {
    stage.host.power.report = lidReport(sessions);
    const page = await stage.open();
    const strip = page.locator('.lid-strip');
    await strip.waitFor();
    expect(plain(await strip.innerText())).toBe(
      'The lid was closed for 1 h 35 min. 2 sessions worked, the longest for 1 h 2 min. Battery 64 % to 51 %. Hottest 71 °C. It slept for 28 min. The battery was at 19 %. | All of it | Dismiss',
    );
    await strip.getByRole('button', { name: 'Dismiss' }).click();
    await strip.waitFor({ state: 'detached' });
    await page.reload();
    await line(page).waitFor();
    await openPower(page);
    await dialog(page).getByText('Hottest 71 °C at').waitFor();
    expect(await strip.count()).toBe(0);
  });

  test('a lid that is opened while the window is there shows it too', async () => {
    const page = await stage.open();
    await line(page).waitFor();
    const report = lidReport(sessions);
    stage.host.tell('power.lid', { report: { ...report, openedAt: null } });
    stage.host.tell('power.lid', { report });
    await page.locator('.lid-strip').waitFor();
  });
});

describe('in every look', () => {
  const scenes: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
    [
      'power-line',
      async (page) => {
        awake(stage.host, sessions);
        slept(stage.host, sessions);
        await page.locator('.sessions').getByText('A slug for every title').first().click();
        await page.getByText('The machine is awake again').waitFor();
        stage.host.tell('power.lid', { report: lidReport(sessions) });
        await page.locator('.lid-strip').waitFor();
      },
    ],
    [
      'power-home',
      async (page) => {
        awake(stage.host, sessions);
        await line(page).filter({ hasText: 'may be closed' }).waitFor();
      },
    ],
    [
      'power-view',
      async (page) => {
        awake(stage.host, sessions);
        await openPower(page);
      },
    ],
    [
      'power-dark-light',
      async (page) => {
        awake(stage.host, sessions);
        awakeWithoutLight(stage.host);
        await openPower(page);
        await dialog(page).getByRole('button', { name: 'Set up…' }).click();
      },
    ],
    [
      'power-held-back',
      async (page) => {
        awake(stage.host, sessions);
        heldBack(stage.host);
        set(stage.host, { sleepsAt: new Date(Date.now() + 30_000).toISOString() });
        await openPower(page);
        await dialog(page).locator('summary').click();
        await dialog(page).getByRole('checkbox', { name: 'Quiet hours' }).check();
      },
    ],
    [
      'power-report',
      async (page) => {
        stage.host.power.report = lidReport(sessions);
        await page.locator('.lid-strip').waitFor();
        await openPower(page);
        await dialog(page).getByText('Hottest 71 °C at').scrollIntoViewIfNeeded();
      },
    ],
  ];
  test.each(scenes)('%s: nothing is lost, and axe finds nothing', async (name, act) => {
    if (name === 'power-report') stage.host.power.report = lidReport(sessions);
    const page = await stage.open();
    await act(page);
    expect(await faultsInEveryLook(page, name)).toEqual([]);
  });
});

async function colourOf(page: Page, selector: string): Promise<string> {
  return (await page.evaluate(
    `getComputedStyle(document.querySelector(${JSON.stringify(selector)})).color`,
  )) as string;
}

/** Text as it is read, with a bar between lines. */
function plain(text: string): string {
  return text.replaceAll(/\s*\n\s*/gu, ' | ').trim();
}
