import { picture } from '../support/picture.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LidReport } from '../../src/protocol/power.ts';
import { awake, awakeWithoutLight, lidReport, set } from '../e2e/support/power-scenes.ts';
import { nightReport, standingRules } from '../e2e/support/standing-scenes.ts';
import { asking, notifyState, reachable } from './support/attention-scenes.ts';
import { fillPhone, type PhoneScene } from './support/phone-scenes.ts';
import { PHONE_SCREEN, PhoneHost } from './support/phone-host.ts';
import {
  axeViolations,
  launchBrowser,
  openPage,
  type Watched,
} from '../e2e/support/window-browser.ts';
import {
  decidingContrasts,
  overflowing,
  settle,
  smallTargets,
} from '../e2e/support/window-looks.ts';

const LEAST_TARGET_PX = 48;

let phone: PhoneHost;
let browser: Browser;
let scene: PhoneScene;

beforeAll(async () => {
  [phone, browser] = await Promise.all([PhoneHost.start(), launchBrowser()]);
  scene = fillPhone(phone.host);
  standingRules(phone.host);
  asking(phone.host, scene);
  reachable(phone.host, scene);
  phone.host.attention.notify = notifyState;
});

afterAll(async () => {
  await browser?.close();
  phone?.stop();
});

/** While the page is up: everyone who looks is told. */
function setNight(isNight: boolean): void {
  const { host } = phone;
  const since = '2026-11-20T21:00:00.000Z';
  const until = '2026-11-21T08:00:00.000Z';
  host.standing.night = isNight ? { since, until, by: 'window' } : null;
  host.standing.report = nightReport(scene.main, isNight ? null : until);
  host.tell('night.changed', { night: host.standing.night });
}

/** To whoever looks, and whoever asks. */
function tellLid(report: LidReport): void {
  phone.host.power.report = report;
  phone.host.tell('power.lid', { report });
}

interface Place {
  readonly name: string;
  hash(): string;
  /** Says that the screen is there. */
  readonly shows: string;
  act?(page: Page): Promise<void>;
}

const PLACES: readonly Place[] = [
  { name: 'home', hash: () => '#/', shows: '.card >> nth=2' },
  {
    name: 'home-diff',
    hash: () => '#/',
    shows: '.card >> nth=2',
    act: async (page) => {
      await page
        .getByRole('button', { name: /Show the change/ })
        .first()
        .click();
      await page.locator('.diff-row').first().waitFor();
    },
  },
  {
    name: 'home-end',
    hash: () => '#/',
    shows: '.card >> nth=2',
    act: async (page) => await page.locator('.machine').scrollIntoViewIfNeeded(),
  },
  { name: 'needs-you', hash: () => `#/s/${scene.main}`, shows: '.dock .card' },
  { name: 'session', hash: () => `#/s/${scene.calm}`, shows: '#transcript .row-tool' },
  { name: 'working', hash: () => `#/s/${scene.busy}`, shows: '.box-stop' },
  { name: 'failed', hash: () => `#/s/${scene.failed}`, shows: '.over' },
  {
    name: 'mode',
    hash: () => `#/s/${scene.calm}/about`,
    shows: '.part >> nth=2',
    act: async (page) => {
      await page.locator('#mode').selectOption('auto');
      await page.locator('.mode-ask').waitFor();
    },
  },
  { name: 'about', hash: () => `#/s/${scene.calm}/about`, shows: '.part >> nth=2' },
  { name: 'changes', hash: () => `#/s/${scene.tree}/changes`, shows: '.file-row' },
  {
    name: 'change',
    hash: () => `#/s/${scene.tree}/changes/${encodeURIComponent('src/slugify.ts')}`,
    shows: '.diff-row',
  },
  { name: 'new', hash: () => '#/new', shows: '.places' },
  {
    name: 'new-folder',
    hash: () => '#/new',
    shows: '.places',
    act: async (page) => {
      await page.getByRole('button', { name: /code/ }).click();
      await page.locator('.browser-list button').first().waitFor();
    },
  },
  { name: 'night', hash: () => '#/night', shows: '.night-now' },
  {
    name: 'morning',
    hash: () => '#/night',
    shows: '.night-facts',
    act: async (page) => {
      setNight(false);
      await page.getByLabel('Until').selectOption('at');
      await page.getByRole('button', { name: 'Start the night' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'power',
    hash: () => '#/power',
    shows: '.power-holds',
    act: async (page) => await page.locator('.power-limits > summary').click(),
  },
  {
    name: 'power-wrong',
    hash: () => '#/power',
    shows: '.power-holds',
    act: async (page) => {
      awakeWithoutLight(phone.host);
      const report = lidReport([scene.busy, scene.main]);
      tellLid({ ...report, openedAt: null, wasSafe: false });
      set(phone.host, { sleepsAt: new Date(Date.now() + 28_000).toISOString() });
      await page.locator('.lid-alarm').waitFor();
      await page.locator('.power-sleeps').waitFor();
    },
  },
  { name: 'rules', hash: () => '#/rules', shows: '.rule-list' },
  { name: 'settings', hash: () => '#/settings', shows: '.host-row' },
  {
    name: 'hangs',
    hash: () => `#/s/${scene.busy}`,
    shows: '.pulse-strip',
    act: async (page) =>
      await page.getByRole('button', { name: 'Interrupt' }).click({ trial: true }),
  },
  {
    name: 'restart',
    hash: () => `#/s/${scene.busy}`,
    shows: '.pulse-strip',
    act: async (page) => {
      await page.getByRole('button', { name: 'Restart the agent' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'waits-for-model', hash: () => `#/s/${scene.tree}`, shows: '.pulse-strip' },
  { name: 'summary', hash: () => '#/summary', shows: '.summary-row' },
  { name: 'reach', hash: () => '#/reach', shows: '.leg >> nth=5' },
  {
    name: 'offer',
    hash: () => '#/',
    shows: '.notify-offer',
    act: async (page) => await page.locator('.notify-offer').scrollIntoViewIfNeeded(),
  },
  {
    name: 'notify',
    hash: () => '#/notify',
    shows: '.notify-policy',
    act: async (page) => {
      await page.getByRole('button', { name: 'Turn on' }).click();
      await page.getByRole('button', { name: 'Send a test' }).click();
      await page.getByText(/took it in/).waitFor();
    },
  },
  {
    name: 'notify-when',
    hash: () => '#/notify',
    shows: '.notify-policy',
    act: async (page) => await page.locator('.notify-policy').scrollIntoViewIfNeeded(),
  },
  {
    name: 'notify-blocked',
    hash: () => '#/notify',
    shows: '.notify-policy',
    act: async (page) => {
      await page.evaluate(
        'fakePhone.store.getState().open.push.store.setState({permission:"denied"})',
      );
      await page.getByText('Blocked in the browser.').waitFor();
    },
  },
  {
    name: 'forget',
    hash: () => '#/settings',
    shows: '.host-row',
    act: async (page) => await page.getByRole('button', { name: 'Forget Laptop' }).click(),
  },
  {
    name: 'asleep',
    hash: () => '#/',
    shows: '.machine-line',
    act: async (page) => {
      tellLid(lidReport([scene.busy, scene.main]));
      await page.locator('.lid-strip').waitFor();
      await page.evaluate(`fakePhone.fallAsleep(Date.now() - 600_000, 'the battery was at 19 %')`);
      await page.locator('.link-asleep').waitFor();
      await page.locator('.lid-strip').scrollIntoViewIfNeeded();
    },
  },
  { name: 'asleep-reach', hash: () => '#/reach', shows: '.leg' },
  { name: 'asleep-summary', hash: () => '#/summary', shows: '.summary-row' },
  {
    name: 'asleep-end',
    hash: () => '#/',
    shows: '.machine-line',
    act: async (page) => await page.locator('.machine').scrollIntoViewIfNeeded(),
  },
  { name: 'asleep-power', hash: () => '#/power', shows: '.power-facts' },
];

/** Every screen in one page, one after another. */
async function eachPlace(page: Page, look: (place: Place) => Promise<void>): Promise<void> {
  for (const place of PLACES) {
    await page.evaluate(`location.hash = ${JSON.stringify('#/settings')}`);
    await page.evaluate(`location.hash = ${JSON.stringify(place.hash())}`);
    await page.locator(place.shows).first().waitFor();
    await place.act?.(page);
    await settle(page);
    await look(place);
    await page.keyboard.press('Escape');
  }
}

async function watched(
  options: Parameters<typeof openPage>[2],
  act: (watched: Watched) => Promise<void>,
): Promise<void> {
  setNight(true);
  phone.host.power.report = null;
  awake(phone.host, [scene.busy, scene.main]);
  const url = phone.url({ role: 'operator', others: ['Laptop'] });
  const page = await openPage(browser, url, { ...PHONE_SCREEN, ...options });
  try {
    await act(page);
    expect(page.complaints).toEqual([]);
  } finally {
    await page.close();
  }
}

/** What a thumb or an eye finds wrong with a screen as it is now, with the screen's name. */
async function faults(page: Page, { name }: Place): Promise<string[]> {
  const wide = (await overflowing(page)).map((what) => `wider than the phone: ${what}`);
  const small = (await smallTargets(page, LEAST_TARGET_PX)).map((what) => `small: ${what}`);
  return [...wide, ...small].map((what) => `${name}: ${what}`);
}

async function objections(page: Page, { name }: Place): Promise<string[]> {
  const weak = (await decidingContrasts(page))
    .filter(({ ratio }) => ratio < 7)
    .map(({ what, ratio }) => `decides at ${ratio.toFixed(1)}:1: ${what}`);
  return [...weak, ...(await axeViolations(page))].map((what) => `${name}: ${what}`);
}

test.each(['light', 'dark'] as const)(
  'in the %s theme every screen fits 360 px and a thumb, axe-core objects to none, and what decides has 7:1',
  async (colorScheme) => {
    await watched({ colorScheme }, async ({ page }) => {
      const found: string[] = [];
      await eachPlace(page, async (place) => {
        await picture(page, `phone/${place.name}-${colorScheme}`);
        found.push(...(await faults(page, place)), ...(await objections(page, place)));
      });
      expect(found).toEqual([]);
    });
  },
);

test('with text of twice the size every screen still fits 360 px and a thumb', async () => {
  await watched({}, async ({ page }) => {
    await page.addStyleTag({ content: 'html:root:root { font-size: 212.5% }' });
    const found: string[] = [];
    await eachPlace(page, async (place) => {
      await picture(page, `phone/${place.name}-200`);
      found.push(...(await faults(page, place)));
    });
    expect(found).toEqual([]);
  });
});
