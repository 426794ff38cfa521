import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultsInEveryLook } from './support/every-look.ts';
import { launchBrowser, openPage } from './support/window-browser.ts';
import { WindowHost } from './support/window-host.ts';
import { AGENTS } from './support/window-scenes.ts';
import { fillStill, manyFiles, ROOT } from './support/work-scenes.ts';

const WORK = 'A slug for every title';

let door: WindowHost;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  door = await WindowHost.start();
  const { host } = door;
  host.agents = AGENTS;
  fillStill(host, Date.now());
  host.changes = {
    ...host.changes,
    files: [...host.changes.files, ...manyFiles(1_997)],
    total: 2_400,
  };
  host.problems = [
    { id: 'disk', message: 'The disk is almost full: sessions wait until there is room.' },
  ];
  host.handlers['session.land'] = () => ({
    outcome: 'conflict',
    base: 'main',
    commit: null,
    commits: 0,
    conflicts: ['src/slugify.ts', `packages/${'a-long-name-'.repeat(12)}/index.ts`],
  });
});

afterAll(async () => {
  await browser?.close();
  door?.stop();
});

async function openSession(page: Page, title: string): Promise<void> {
  await page.locator('.sessions').getByText(title, { exact: true }).click();
  await page.locator('#composer').waitFor();
}

async function openWork(page: Page, keys: string): Promise<void> {
  await openSession(page, WORK);
  await page.locator('.work-acts .button:enabled').first().waitFor({ state: 'attached' });
  await page.keyboard.press(keys);
}

const SCREENS: readonly { readonly name: string; readonly act: (page: Page) => Promise<void> }[] = [
  {
    name: 'cut-short-home',
    act: async (page) => await page.getByRole('button', { name: 'Continue' }).waitFor(),
  },
  { name: 'cut-short', act: async (page) => await openSession(page, 'Sort the invoices') },
  { name: 'parked', act: async (page) => await openSession(page, 'Port the importer') },
  { name: 'asleep', act: async (page) => await openSession(page, 'Mend the sensor') },
  {
    name: 'changes',
    act: async (page) => {
      await openWork(page, 'Alt+p');
      await page.locator('.files').getByText('slugify.ts', { exact: true }).waitFor();
    },
  },
  {
    name: 'review',
    act: async (page) => {
      await openWork(page, 'Alt+c');
      await page.getByRole('dialog').getByText('slugify.ts', { exact: true }).click();
      await page.getByText("if (words.length === 0) return '';").waitFor();
    },
  },
  {
    name: 'land',
    act: async (page) => {
      await openWork(page, 'Alt+Shift+L');
      await page.getByText('Squash').waitFor();
    },
  },
  {
    name: 'land-conflict',
    act: async (page) => {
      await openWork(page, 'Alt+Shift+L');
      await page.getByRole('button', { name: 'Land', exact: true }).click();
      await page.getByRole('dialog').getByText('Both sides are as they were').waitFor();
    },
  },
  {
    name: 'discard',
    act: async (page) => {
      await openWork(page, 'Alt+Shift+D');
      await page.getByText('Not on main').waitFor();
    },
  },
  {
    name: 'adopt',
    act: async (page) => {
      await page.getByText('Sort the invoices').first().waitFor();
      await page.keyboard.press('Alt+Shift+N');
      await page.getByText('Why does the build take').click();
      await page.getByText('Share the folder').waitFor();
    },
  },
  {
    name: 'new-session-git',
    act: async (page) => {
      await page.getByText('Sort the invoices').first().waitFor();
      await page.keyboard.press('Alt+n');
      await page.getByLabel('Folder', { exact: true }).fill(ROOT);
      await page.getByText('This folder').click();
      await page.getByText('Share the folder').waitFor();
    },
  },
];

test.each(SCREENS)('$name: nothing is lost in any look, and axe finds nothing', async (screen) => {
  const { page, complaints, close } = await openPage(browser, door.link());
  await screen.act(page);
  const faults = await faultsInEveryLook(page, screen.name);
  expect({ faults, complaints }).toEqual({ faults: [], complaints: [] });
  await close();
});

test('the dialog for a new session does not scroll at 800 px', async () => {
  const { page, close } = await openPage(browser, door.link());
  await SCREENS.find(({ name }) => name === 'new-session-git')?.act(page);
  const sheet = await page
    .locator('.dialog-sheet')
    .evaluate((element: { scrollHeight: number; clientHeight: number }) => [
      element.scrollHeight,
      element.clientHeight,
    ]);
  expect(sheet[0]).toBe(sheet[1]);
  await close();
});
