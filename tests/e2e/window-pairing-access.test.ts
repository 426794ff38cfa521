import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { device, FakePairing } from './support/pairing-scenes.ts';
import { faultsInEveryLook } from './support/every-look.ts';
import { launchBrowser, openPage } from './support/window-browser.ts';
import { WindowHost } from './support/window-host.ts';

const LONG = 'The telephone of the person with the very long name, in Chrome';
let door: WindowHost;
let browser: Browser;
let pairing: FakePairing;

beforeAll(async () => {
  browser = await launchBrowser();
  door = await WindowHost.start();
});
afterAll(async () => {
  await browser?.close();
  door?.stop();
});

async function showCode(page: Page): Promise<void> {
  await page.getByText('No sessions yet').first().waitFor();
  await page.keyboard.press('Alt+Shift+P');
  await page.getByRole('img', { name: 'QR code' }).waitFor();
}

async function showDevices(page: Page): Promise<void> {
  await page.getByText('No sessions yet').first().waitFor();
  await page.keyboard.press('Alt+Shift+S');
  await page.getByRole('region', { name: 'Relay' }).waitFor();
}

const someDevices = () => {
  pairing.devices = [
    device(0, { online: true, connections: 2, role: 'operator' }),
    device(1, { name: LONG, lastSeenAt: new Date(Date.now() - 4 * 60_000).toISOString() }),
    device(2, { name: 'iPad', role: 'viewer', via: 'lan' }),
  ];
};

const SCREENS: readonly { readonly name: string; readonly act: (page: Page) => Promise<void> }[] = [
  {
    name: 'pair-home',
    act: async (page) => await page.getByRole('button', { name: 'Pair a phone…' }).waitFor(),
  },
  { name: 'pair-code', act: showCode },
  {
    name: 'pair-lan',
    act: async (page) => {
      await showCode(page);
      await page.getByRole('button', { name: 'Try it on the local network' }).click();
      await page.getByText('as a trial').waitFor();
    },
  },
  {
    name: 'pair-machine-only',
    act: async (page) => {
      pairing.relay = 'http://127.0.0.1:7420';
      await showCode(page);
    },
  },
  {
    name: 'pair-candidate',
    act: async (page) => {
      await showCode(page);
      pairing.scan(LONG);
      await page.getByText('wants to be paired').waitFor();
    },
  },
  {
    name: 'pair-done',
    act: async (page) => {
      await showCode(page);
      pairing.scan(LONG);
      await page.getByText('wants to be paired').waitFor();
      pairing.pair(LONG, 'approver');
      await page.getByText('is paired').waitFor();
    },
  },
  {
    name: 'pair-ended',
    act: async (page) => {
      await showCode(page);
      pairing.end(
        'mismatch',
        'On the phone the digits were said to differ, so nothing was paired and the code is void.',
      );
      await page.getByRole('heading', { name: 'The digits differ' }).waitFor();
    },
  },
  {
    name: 'pair-not-made',
    act: async (page) => {
      pairing.notMade = 'No code could be made: the relay at relay.example does not answer.';
      await page.getByText('No sessions yet').first().waitFor();
      await page.keyboard.press('Alt+Shift+P');
      await page.getByRole('heading', { name: 'No code could be made' }).waitFor();
    },
  },
  {
    name: 'devices',
    act: async (page) => {
      someDevices();
      await showDevices(page);
      await page.getByText('iPad').waitFor();
    },
  },
  {
    name: 'devices-none',
    act: async (page) => {
      pairing.status = { ...pairing.status, url: null, own: true, connected: false, since: null };
      await showDevices(page);
      await page.getByText('No device is paired').waitFor();
    },
  },
  {
    name: 'devices-problem',
    act: async (page) => {
      someDevices();
      const problem =
        'The relay at relay.example refused this host: another one with the same keys is connected.';
      pairing.status = { ...pairing.status, connected: false, problem };
      await showDevices(page);
      await page.getByText('refused this host').waitFor();
    },
  },
  {
    name: 'devices-revoke',
    act: async (page) => {
      someDevices();
      await showDevices(page);
      await page.getByRole('button', { name: `Revoke ${LONG}` }).click();
      await page.getByText('It is cut off at once').waitFor();
    },
  },
  {
    name: 'devices-rename',
    act: async (page) => {
      someDevices();
      await showDevices(page);
      await page.getByRole('button', { name: 'Rename iPad' }).click();
      await page.getByRole('textbox', { name: 'Name' }).waitFor();
    },
  },
];

test.each(SCREENS)('$name: nothing is lost in any look, and axe finds nothing', async (screen) => {
  pairing = new FakePairing(door.host);
  const { page, complaints, close } = await openPage(browser, door.link());
  await screen.act(page);
  const faults = await faultsInEveryLook(page, screen.name);
  expect({ faults, complaints }).toEqual({ faults: [], complaints: [] });
  await close();
});

describe('devices', () => {
  const rows = (page: Page) => page.locator('.device-name').allTextContents();

  test('are renamed, given another role, and revoked one by one, each after a question', async () => {
    pairing = new FakePairing(door.host);
    someDevices();
    const { page, close } = await openPage(browser, door.link());
    await showDevices(page);
    await page.getByRole('button', { name: 'Rename iPad' }).click();
    await page.keyboard.type('The kitchen’s iPad');
    await page.keyboard.press('Enter');
    await page.getByText('The kitchen’s iPad').waitFor();
    await page
      .getByRole('combobox', { name: 'What The kitchen’s iPad may do' })
      .selectOption('approver');
    await expect.poll(() => pairing.devices[2]?.role).toBe('approver');
    await page.getByRole('button', { name: `Revoke ${LONG}` }).click();
    await page.keyboard.press('Enter');
    await page.getByText(LONG).waitFor();
    await page.getByRole('button', { name: `Revoke ${LONG}` }).click();
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await expect
      .poll(async () => await rows(page))
      .toEqual(['Pixel 9, Chrome', 'The kitchen’s iPad']);
    await page.getByRole('button', { name: 'Revoke all…' }).click();
    await page.getByText('Revoke all 2 devices?').waitFor();
    await page.getByRole('button', { name: 'Revoke all', exact: true }).click();
    await page.getByText('No device is paired').waitFor();
    await close();
  });

  test('that come meanwhile are shown, and Escape in a name changes nothing', async () => {
    pairing = new FakePairing(door.host);
    someDevices();
    const { page, close } = await openPage(browser, door.link());
    await showDevices(page);
    await page.getByRole('button', { name: 'Rename iPad' }).click();
    await page.keyboard.type('x');
    await page.keyboard.press('Escape');
    await page.getByText('iPad').waitFor();
    pairing.pair('A new phone', 'viewer');
    await expect.poll(async () => await rows(page)).toContain('A new phone');
    await close();
  });
});
