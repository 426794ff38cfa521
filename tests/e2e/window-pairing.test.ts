import decodeQR from 'qr/decode.js';
import { PNG } from 'pngjs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FakePairing } from './support/pairing-scenes.ts';
import { launchBrowser, openPage, type Watched } from './support/window-browser.ts';
import { WindowHost } from './support/window-host.ts';

let door: WindowHost;
let browser: Browser;
let pairing: FakePairing;

beforeAll(async () => {
  browser = await launchBrowser();
  door = await WindowHost.start();
});
beforeEach(() => {
  pairing = new FakePairing(door.host);
  door.host.calls.length = 0;
});
afterAll(async () => {
  await browser?.close();
  door?.stop();
});

const calls = (): unknown[] =>
  door.host.calls
    .filter(({ method }) => /^(?:pair|devices)\./.test(method) && !/follow|list/.test(method))
    .map(({ method, params }) => [method, params]);

async function open(keys = 'Alt+Shift+P'): Promise<Watched> {
  const watched = await openPage(browser, door.link());
  await watched.page.getByText('No sessions yet').first().waitFor();
  await watched.page.keyboard.press(keys);
  return watched;
}

/** The code that a camera would see. */
async function scanScreen(page: Page): Promise<string> {
  const { width, height, data } = PNG.sync.read(await page.screenshot());
  return decodeQR({ width, height, data });
}

/** Buttons that have just appeared take no click: again, until one counts. */
async function decide(page: Page, act: () => Promise<void>): Promise<void> {
  const asking = page.locator('.pair[data-phase="candidate"]');
  await asking.waitFor();
  const deadline = Date.now() + 10_000;
  while ((await asking.count()) > 0) {
    if (Date.now() > deadline) throw new Error('No click counts.');
    await act();
    await asking.waitFor({ state: 'detached', timeout: 200 }).catch(() => {
      // It was too early.
    });
  }
}

describe('pairing a phone', () => {
  test('the code on the screen is the link, and the two screens end in a paired phone', async () => {
    const { page, complaints, close } = await open();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    expect([await scanScreen(page), link]).toEqual([
      link,
      expect.stringContaining('https://app.example/#p='),
    ]);
    await page
      .getByText('The phone will run the page of https://app.example: you trust whoever serves it.')
      .waitFor();
    expect(await page.getByRole('timer').textContent()).toMatch(/^ ?(?:2:00|1:5\d) left$/);
    pairing.scan();
    await page.getByText('“Pixel 9, Chrome” wants to be paired').waitFor();
    expect(await page.locator('.pair-digits').textContent()).toBe('048 291');
    expect(await page.getByRole('radio', { name: /^Approve/ }).isChecked()).toBe(true);
    await page.getByRole('radio', { name: 'View' }).check();
    const match = page.getByRole('button', { name: 'They match: pair' });
    await decide(page, async () => await match.click());
    await page.getByText('Pixel 9, Chrome is paired').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    expect([calls(), complaints]).toEqual([
      [
        ['pair.offer', { lan: false }],
        ['pair.confirm', { digits: '048291', role: 'viewer' }],
      ],
      [],
    ]);
    await close();
  });

  test('by keyboard alone', async () => {
    const { page, close } = await open();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    pairing.scan();
    await page.getByText('wants to be paired').waitFor();
    const match = page.getByRole('button', { name: 'They match: pair' });
    for (let steps = 0; steps < 10; steps += 1) {
      if (await match.evaluate((e: { matches(s: string): boolean }) => e.matches(':focus'))) break;
      await page.keyboard.press('Tab');
    }
    await decide(page, async () => await page.keyboard.press('Enter'));
    await page.getByText('is paired').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await close();
  });

  test('a click that was meant for what stood there before decides nothing', async () => {
    const { page, close } = await open();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    pairing.scan();
    await page.getByRole('button', { name: 'They match: pair' }).click();
    expect(calls()).toEqual([['pair.offer', { lan: false }]]);
    await close();
  });

  test.each([
    ['They differ', 'pair.refuse', 'Refused'],
    ['Close', 'pair.cancel', null],
  ])('“%s” ends it', async (name, method, heading) => {
    const { page, close } = await open();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    pairing.scan();
    await page.getByText('wants to be paired').waitFor();
    const button = page.getByRole('button', { name, exact: true });
    await decide(page, async () => await button.click());
    if (heading !== null) await page.getByRole('heading', { name: heading }).waitFor();
    else await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(calls).toContainEqual([method, {}]);
    await close();
  });

  test.each([
    ['expired', 'The code has ended'],
    ['mismatch', 'The digits differ'],
    ['failed', 'Nothing was paired'],
    ['relay', 'The relay is gone'],
  ] as const)('ended as %s it says why, and a new code is one key away', async (why, heading) => {
    const { page, close } = await open();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    pairing.end(why, 'This is why.');
    await page.getByRole('heading', { name: heading }).waitFor();
    await page.getByText('This is why.').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    expect(calls().length).toBe(2);
    await close();
  });

  test('no code can be made: why, and again', async () => {
    pairing.notMade = 'The relay at relay.example does not answer.';
    const { page, close } = await open();
    await page.getByText('The relay at relay.example does not answer.').waitFor();
    pairing.notMade = null;
    await page.getByRole('button', { name: 'Make a new code' }).click();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    await close();
  });

  test('the local network says what it lacks, and the way back', async () => {
    pairing.relay = 'http://127.0.0.1:7420';
    const { page, close } = await open();
    await page.getByText('can be reached from this machine only').waitFor();
    await page.getByRole('button', { name: 'Try it on the local network' }).click();
    await page.getByText('whoever is on this network could change the page').waitFor();
    await page.getByText('run the page of http://192.168.1.7:7420').waitFor();
    await page.getByRole('button', { name: 'Use the relay instead' }).click();
    await page.getByText('can be reached from this machine only').waitFor();
    expect(calls()).toEqual([
      ['pair.offer', { lan: false }],
      ['pair.offer', { lan: true }],
      ['pair.offer', { lan: false }],
    ]);
    await close();
  });

  test('a code that a terminal made is shown, and stays when the window is closed', async () => {
    pairing.scan('iPhone, Safari', '112233');
    const { page, close } = await open();
    await page.getByText('“iPhone, Safari” wants to be paired').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect([calls(), pairing.state.phase]).toEqual([[], 'candidate']);
    await close();
  });

  test('the host goes away: the code went with it', async () => {
    const { page, close } = await open();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    const { comeBack } = await door.goAway();
    await page.getByText('The host went away, and the code with it.').waitFor();
    await comeBack();
    await close();
  });

  test('a hostile name stays a name', async () => {
    const { page, complaints, close } = await open();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    pairing.scan(`<img src=x onerror=alert(1)>${'W'.repeat(50)}`);
    await page.getByText('“<img src=x onerror').waitFor();
    expect(complaints).toEqual([]);
    await close();
  });
});
