import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_NOTIFY_POLICY } from '../../src/protocol/attention.ts';
import { RpcFailure } from '../../src/protocol/errors.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import { asking, PIXEL, PLACES, reaching, twoAtWork } from './support/attention-scenes.ts';
import { faultsInEveryLook } from './support/every-look.ts';
import { windowStage } from './support/window-stage.ts';

const WAIT_MS = 10_000;
const MAIN = 'A slug for every title';

const stage = windowStage();
let sessions: SessionId[];

beforeEach(() => {
  sessions = twoAtWork(stage.host);
});

const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name });
const list = (page: Page) => dialog(page, 'What asks for you');
const settings = (page: Page) => dialog(page, 'Notifications');

/** Text as it is read, with a bar between lines. */
const plain = (text: string): string => text.replaceAll(/\s*\n\s*/gu, ' | ').trim();

async function open(keys: string): Promise<Page> {
  const page = await stage.open();
  await page.locator('.sessions').getByText(MAIN, { exact: true }).waitFor();
  await page.keyboard.press(keys);
  await page.getByRole('dialog').waitFor();
  return page;
}

describe('what asks for you', () => {
  test('is a list, oldest first, with where you were told and where that failed', async () => {
    asking(stage.host, sessions);
    const page = await stage.open();
    await page.getByRole('button', { name: 'What asks for you: 3 things' }).click();
    await list(page).getByText('Pixel 9').first().waitFor();
    expect((await list(page).getByRole('listitem').allInnerTexts()).map(plain)).toEqual([
      expect.stringMatching(
        /^Needs a decision, 12 min \| A slug for every title \| Run a-very-long.* \| Told: Pixel 9, 2 min ago; Window, 12 min ago\. \| The tablet in the kitchen could not be told \(9 min ago\): push\.example answers 503\. \| Open session$/,
      ),
      'Machine, 4 min | The disk is almost full | Sessions wait until there is room. | You were not told anywhere yet. | Seen',
      'Finished, just now | Sort the invoices ‹U+202E›backwards | Its turn is over. | Told: This desktop, just now. | Open session | Seen',
    ]);
    await list(page)
      // From eleven on it names the day.
      .getByText(/^ ?Quiet hours until .*\d\d:\d\d/u)
      .waitFor();
    await list(page).getByRole('button', { name: 'Seen' }).first().click();
    await list(page).getByText('Seen by you.').waitFor();
    expect(stage.calls('attention.seen')).toContainEqual({ ids: ['disk'] });
    await list(page).getByRole('button', { name: 'Open session' }).first().click();
    await page.getByRole('heading', { name: MAIN }).waitFor();
  });

  test('follows the host while it is open, and says when there is nothing', async () => {
    const page = await open('Alt+w');
    await list(page).getByText('Nothing asks for you.').waitFor();
    asking(stage.host, sessions);
    stage.host.tell('attention.changed', stage.host.attention.now);
    await list(page).getByText('The disk is almost full').waitFor();
    stage.host.tell('attention.changed', { items: [], quietUntil: null });
    await list(page).getByText('Nothing asks for you.').waitFor();
  });

  test('what was before a person for a second was seen; what nobody looked at was not', async () => {
    asking(stage.host, sessions);
    const page = await open('Alt+w');
    await list(page).getByText('The disk is almost full').waitFor();
    await page.mouse.move(300, 300);
    await page.mouse.move(310, 310);
    await expect
      .poll(() => stage.calls('attention.seen').flatMap(({ ids }) => ids as string[]), {
        timeout: WAIT_MS,
      })
      .toContain('disk');
    expect(stage.host.attention.heard).toContainEqual({
      method: 'surface.active',
      params: { active: true, sessionId: null },
    });
  });
});

describe('when and where you are told', () => {
  test('switches a kind at once, and leaves the others', async () => {
    const page = await open('Alt+Shift+M');
    const kinds = settings(page).getByRole('region', { name: 'What you are told of' });
    await kinds.getByRole('checkbox', { name: /^Finished/ }).uncheck();
    await expect
      .poll(() => stage.calls('notify.setPolicy'), { timeout: WAIT_MS })
      .toEqual([
        {
          commandId: expect.any(String),
          policy: { kinds: { ...DEFAULT_NOTIFY_POLICY.kinds, finished: false } },
        },
      ]);
  });

  test('saves what is typed once it is right, with quiet hours and what is excepted', async () => {
    const page = await open('Alt+Shift+M');
    const when = settings(page).getByRole('region', { name: 'When', exact: true });
    await when.getByLabel('To the next place after').fill('3');
    await when.getByRole('checkbox', { name: 'Quiet hours' }).check();
    await when.getByLabel('From', { exact: true }).fill('23:00');
    await when
      .getByRole('group', { name: 'Told in quiet hours all the same' })
      .getByRole('checkbox', { name: 'Machine' })
      .check();
    await when.getByRole('button', { name: 'Save' }).click();
    await when.getByText('To the next place after: a whole number from 5 to 3600.').waitFor();
    await when.getByLabel('To the next place after').fill('45');
    await when.getByLabel('Silence told after').fill('0');
    await when.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(() => stage.calls('notify.setPolicy'), { timeout: WAIT_MS })
      .toEqual([
        {
          commandId: expect.any(String),
          policy: {
            seenSec: 45,
            repeatSec: 300,
            repeats: 3,
            digestFrom: 3,
            digestSec: 10,
            silenceMinutes: 0,
            desktop: true,
            quietHours: { from: '23:00', to: '07:00' },
            quietExcept: ['machine'],
          },
        },
      ]);
  });

  test('shows how each place fares, and what comes of a test', async () => {
    stage.host.attention.notify = { ...stage.host.attention.notify, places: PLACES };
    const page = await open('Alt+Shift+M');
    const places = settings(page).getByRole('region', { name: 'Where you are told' });
    await places.getByText('Pixel 9').waitFor();
    expect((await places.getByRole('listitem').allInnerTexts()).map(plain)).toEqual([
      'Pixel 9 | on, last told 2 min ago | Test',
      'The tablet in the kitchen | failing, nothing told yet | push.example answers 503, for 20 min. | Test',
      'Desktop: This desktop | on, last told 12 min ago | Test',
      'ntfy: ntfy.sh | off, nothing told yet | Test',
    ]);
    await places.getByRole('button', { name: 'Send a test to Pixel 9' }).click();
    await places.getByText('Taken in 40 ms. It should show in a moment.').waitFor();
    stage.host.attention.test = { ok: false, status: 410, tookMs: 12, problem: null };
    await places.getByRole('button', { name: 'Send a test to ntfy.sh' }).click();
    await places.getByText('Not taken. Answer 410.').waitFor();
    expect(stage.calls('notify.test')).toEqual([{ place: `device:${PIXEL}` }, { place: 'ntfy' }]);
  });

  test('sets up other places, whose secrets are written and not shown', async () => {
    stage.host.attention.notify = { ...stage.host.attention.notify, places: PLACES };
    const page = await open('Alt+Shift+M');
    const other = settings(page).getByRole('region', { name: 'Other places' });
    await other.getByRole('button', { name: 'Replace… ntfy' }).click();
    const ntfy = other.getByRole('group', { name: 'ntfy' });
    await ntfy.getByLabel('Address').fill('not an address');
    await ntfy.getByRole('button', { name: 'Save' }).click();
    await ntfy.getByText('Address: a web address, as https://ntfy.sh.').waitFor();
    await ntfy.getByLabel('Address').fill('https://ntfy.example.org');
    await ntfy.getByLabel('Topic').fill('my-porch');
    await ntfy.getByLabel(/^Access token/).fill('tk_hidden');
    await ntfy.getByRole('button', { name: 'Save' }).click();
    await ntfy.getByText('Saved. Send a test to see whether it arrives.').waitFor();
    await other.getByRole('button', { name: 'Set up… Webhook' }).click();
    const webhook = other.getByRole('group', { name: 'Webhook' });
    await webhook.getByLabel('Address').fill('https://hooks.example.org/porch');
    await webhook.getByRole('button', { name: 'Make one' }).click();
    const secret = await webhook.getByLabel('Secret').inputValue();
    await webhook.getByRole('button', { name: 'Save' }).click();
    await other.getByRole('button', { name: 'Remove: ntfy' }).click();
    await expect.poll(() => stage.calls('notify.setChannels').length, { timeout: WAIT_MS }).toBe(3);
    const commandId = expect.any(String);
    expect([stage.calls('notify.setChannels'), secret.length]).toEqual([
      [
        {
          commandId,
          channels: {
            ntfy: {
              url: 'https://ntfy.example.org',
              topic: 'my-porch',
              token: 'tk_hidden',
              detail: false,
            },
          },
        },
        {
          commandId,
          channels: {
            webhook: { url: 'https://hooks.example.org/porch', secret, detail: false },
          },
        },
        { commandId, channels: { ntfy: null } },
      ],
      43,
    ]);
    expect(await settings(page).innerHTML()).not.toContain('tk_hidden');
  });

  test('shows which addresses may be private, and changes the list as a whole', async () => {
    const { attention } = stage.host;
    attention.notify = { ...attention.notify, allowHosts: ['nas.local'] };
    const page = await open('Alt+Shift+M');
    const hosts = settings(page).getByRole('group', { name: 'Private addresses' });
    await hosts.getByText('nas.local', { exact: true }).waitFor();
    await hosts.getByRole('button', { name: 'Replace… Private addresses' }).click();
    const field = hosts.getByLabel('host or host:port, one a line');
    expect(await field.inputValue()).toBe('nas.local');
    await field.fill('nas.local\n192.168.1.2:8080\n');
    await hosts.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(() => stage.calls('notify.setChannels'), { timeout: WAIT_MS })
      .toEqual([
        {
          commandId: expect.any(String),
          channels: { allowHosts: ['nas.local', '192.168.1.2:8080'] },
        },
      ]);
  });

  test('says what the host says when it refuses', async () => {
    stage.host.handlers['notify.setPolicy'] = () => {
      throw new RpcFailure('refused', 'config.json cannot be written: the disk is full.');
    };
    const page = await open('Alt+Shift+M');
    const kinds = settings(page).getByRole('region', { name: 'What you are told of' });
    // Not `uncheck`: it goes back.
    await kinds.getByRole('checkbox', { name: /^Parked/ }).click();
    await kinds.getByText('config.json cannot be written: the disk is full.').waitFor();
    expect(await kinds.getByRole('checkbox', { name: /^Parked/ }).isChecked()).toBe(true);
  });
});

describe('the devices', () => {
  test('each say how pushes to them fare, and take a test', async () => {
    const device = {
      id: PIXEL,
      name: 'Pixel 9',
      role: 'approver',
      pairedAt: '2026-11-20T08:00:00.000Z',
      lastSeenAt: '2026-11-21T08:00:00.000Z',
      online: false,
      connections: 0,
      via: 'relay',
    } as const;
    const since = '2026-11-20T08:00:00.000Z';
    const push = { since, service: 'push.example', lastAt: null, problem: null } as const;
    stage.host.handlers['devices.list'] = () => ({
      devices: [
        { ...device, push: { ...push, state: 'on' } },
        {
          ...device,
          id: PLACES[1]?.device ?? PIXEL,
          name: 'Tablet',
          push: { ...push, state: 'failing', problem: 'push.example answers 503.' },
        },
      ],
    });
    stage.host.attention.test = {
      ok: false,
      status: null,
      tookMs: 10_000,
      problem: 'push.example does not answer.',
    };
    const page = await open('Alt+Shift+S');
    const rows = dialog(page, 'Devices').getByRole('listitem');
    await rows.first().waitFor();
    await rows
      .last()
      .getByText('Push fails by way of push.example. push.example answers 503.')
      .waitFor();
    await rows.first().getByText('Push works by way of push.example.').waitFor();
    await rows.first().getByRole('button', { name: 'Send a test to Pixel 9' }).click();
    await rows.first().getByText('Not taken. push.example does not answer.').waitFor();
    expect(stage.calls('notify.test')).toEqual([{ place: `device:${PIXEL}` }]);
    expect(await faultsInEveryLook(page, 'devices-push')).toEqual([]);
  });
});

describe('in every look', () => {
  const scenes: readonly (readonly [string, string, (page: Page) => Promise<void>])[] = [
    [
      'attention-list',
      'Alt+w',
      async (page) => await list(page).getByText('Pixel 9').first().waitFor(),
    ],
    [
      'notify-places',
      'Alt+Shift+M',
      async (page) => {
        await settings(page).getByRole('button', { name: 'Send a test to Pixel 9' }).click();
        await settings(page).getByText('Taken in 40 ms').waitFor();
      },
    ],
    [
      'notify-when',
      'Alt+Shift+M',
      async (page) => {
        const when = settings(page).getByRole('region', { name: 'When', exact: true });
        await when.getByRole('checkbox', { name: 'Quiet hours' }).check();
        await when.getByText('Told in quiet hours all the same').scrollIntoViewIfNeeded();
      },
    ],
    [
      'notify-channels',
      'Alt+Shift+M',
      async (page) => {
        await settings(page).getByRole('button', { name: 'Replace… ntfy' }).click();
        await settings(page).getByRole('button', { name: 'Set up… Webhook' }).click();
        await settings(page).getByRole('button', { name: 'Make one' }).scrollIntoViewIfNeeded();
      },
    ],
  ];
  test.each(scenes)('%s: nothing is lost, and axe finds nothing', async (name, keys, act) => {
    reaching(stage.host, sessions);
    asking(stage.host, sessions);
    const page = await stage.open();
    await page.locator('.sessions').getByText(MAIN, { exact: true }).waitFor();
    await page.keyboard.press(keys);
    await act(page);
    expect(await faultsInEveryLook(page, name)).toEqual([]);
  });
});
