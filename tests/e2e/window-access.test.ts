import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsInEveryLook } from './support/every-look.ts';
import { launchBrowser, openPage, type Watched } from './support/window-browser.ts';
import { decidingContrasts } from './support/window-looks.ts';
import { WindowHost } from './support/window-host.ts';
import { approval, editApproval, fill, question } from './support/window-scenes.ts';

const CWD = '/home/ada/porch-blog';
const TITLE = 'A slug for every title';

let busy: WindowHost;
let empty: WindowHost;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  busy = await WindowHost.start();
  const id = fill(busy.host);
  const { host } = busy;
  for (const one of [editApproval(host, id, CWD), approval(host, id, {}), question(host, id)])
    host.append(id, { type: 'approval.opened', approval: one });
  empty = await WindowHost.start();
  empty.host.agents = [];
});

afterAll(async () => {
  await browser?.close();
  busy?.stop();
  empty?.stop();
});

async function openSession(page: Page, title = TITLE): Promise<void> {
  await page.locator('.sessions').getByText(title, { exact: true }).click();
  await page.locator('#composer').waitFor();
  await page.locator('#transcript .row').first().waitFor();
}

async function go(page: Page, title: string, keys: string): Promise<void> {
  await openSession(page, title);
  await page.keyboard.press(keys);
  await page.getByRole('dialog').waitFor();
}

interface Screen {
  readonly name: string;
  readonly door?: () => WindowHost;
  readonly act: (page: Page) => Promise<void>;
}

const SCREENS: readonly Screen[] = [
  { name: 'needs-you', act: async (page) => await page.locator('.card').nth(2).waitFor() },
  { name: 'session', act: async (page) => await openSession(page) },
  {
    name: 'session-working',
    act: async (page) => await openSession(page, 'Translate the handbook'),
  },
  { name: 'session-failed', act: async (page) => await openSession(page, 'Upgrade the build') },
  { name: 'palette', act: async (page) => await go(page, TITLE, 'Control+k') },
  { name: 'shortcuts', act: async (page) => await go(page, TITLE, 'Control+/') },
  { name: 'rename', act: async (page) => await go(page, TITLE, 'F2') },
  { name: 'stop', act: async (page) => await go(page, TITLE, 'Alt+Shift+E') },
  {
    name: 'new-session',
    act: async (page) => {
      await go(page, TITLE, 'Alt+n');
      await page.getByRole('dialog').getByText('Codex').waitFor();
    },
  },
  {
    name: 'folder-browser',
    act: async (page) => {
      await go(page, TITLE, 'Alt+n');
      await page.getByRole('button', { name: 'Browse' }).click();
      await page.getByText('No folders in here').waitFor();
    },
  },
  {
    name: 'no-sessions',
    door: () => empty,
    act: async (page) => await page.getByText('No sessions yet').first().waitFor(),
  },
];

test.each(SCREENS)(
  '$name: nothing is lost in any look, and axe finds nothing',
  async ({ name, door = () => busy, act }) => {
    await watched({}, door(), async ({ page }) => {
      await act(page);
      expect(await faultsInEveryLook(page, name)).toEqual([]);
    });
  },
);

test('a window without its host says so, with the next step as a button', async () => {
  await watched(
    {},
    busy,
    async ({ page }) => {
      await openSession(page);
      const { comeBack } = await busy.goAway();
      try {
        await page.getByText('The host does not answer').waitFor();
        await page.getByRole('button', { name: 'Try again' }).click({ trial: true });
        expect(await faultsInEveryLook(page, 'away')).toEqual([]);
      } finally {
        await comeBack();
      }
      // It tries again by itself as well, so a click here would race with the button's going.
      await page.getByText('The host does not answer').waitFor({ state: 'detached' });
    },
    { mayComplain: true },
  );
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test('what decides has a contrast of 7:1 at least, all other words 4.5:1', async () => {
    await watched({ colorScheme }, busy, async ({ page }) => {
      await page.locator('.card').nth(2).waitFor();
      for (const { what, ratio } of await decidingContrasts(page))
        expect(ratio, what).toBeGreaterThanOrEqual(7);
    });
  });
});

describe('a small window', () => {
  const narrow = { width: 360, height: 740 };
  const zoomed = { width: 640, height: 400 };

  test.each([
    ['360 px wide', narrow],
    ['at 200 % zoom', zoomed],
  ])('%s still has every button of an approval in reach', async (_, viewport) => {
    await watched({ viewport }, busy, async ({ page }) => {
      await openSession(page);
      for (const name of ['Allow', 'Deny', 'More…']) {
        const button = page
          .locator('[data-open="true"]')
          .first()
          .getByRole('button', { name, exact: true });
        await button.scrollIntoViewIfNeeded();
        await button.click({ trial: true });
      }
    });
  });
});

test('a person who asks for less motion gets none', async () => {
  await watched({ reducedMotion: 'reduce' }, busy, async ({ page }) => {
    await openSession(page, 'Translate the handbook');
    const moving = await page.evaluate(
      'document.getAnimations().filter((a) => a.playState === "running").length',
    );
    expect(moving).toBe(0);
  });
});

async function watched(
  options: Parameters<typeof openPage>[2],
  door: WindowHost,
  act: (watched: Watched) => Promise<void>,
  { mayComplain = false } = {},
): Promise<void> {
  const page = await openPage(browser, door.link(), options);
  try {
    await act(page);
    if (!mayComplain) expect(page.complaints).toEqual([]);
  } finally {
    await page.close();
  }
}
