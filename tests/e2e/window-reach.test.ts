import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { RpcFailure } from '../../src/protocol/errors.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import { reaching, twoAtWork } from './support/attention-scenes.ts';
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
const reach = (page: Page) => dialog(page, 'What can be reached');

/** Text as it is read, with a bar between lines. */
const plain = (text: string): string => text.replaceAll(/\s*\n\s*/gu, ' | ').trim();

async function open(keys: string): Promise<Page> {
  const page = await stage.open();
  await page.locator('.sessions').getByText(MAIN, { exact: true }).waitFor();
  await page.keyboard.press(keys);
  await page.getByRole('dialog').waitFor();
  return page;
}

describe('what can be reached', () => {
  test('tells each leg with its age, and what each agent does', async () => {
    reaching(stage.host, sessions);
    const page = await open('Alt+Shift+H');
    await reach(page).getByText('Pixel 9').waitFor();
    const region = (name: string) => reach(page).getByRole('region', { name });
    const rows = async (name: string): Promise<string[]> =>
      (await region(name).getByRole('listitem').allInnerTexts()).map(plain);
    expect([await rows('The way here'), await rows('Agents'), await rows('Devices')]).toEqual([
      [
        expect.stringMatching(/^Host \| answers in \d+ ms$/),
        'Relay | answers in 41 ms, heard 2 s ago',
        'Start-up service | not installed: after a restart of the machine nothing runs until you start it',
        expect.stringMatching(
          /^Note of silence \| left with the relay for 2 devices: .* 4\d s ago$/,
        ),
      ],
      [
        'A slug for every title | Does not answer for 6 min, heard 7 min ago | It has not answered three questions in a row; its process is there. | Interrupt | Restart the agent',
        'Translate the handbook | Waits for its model for 1 min, answers in 4 ms, heard 1 min ago | It answers, and has an open connection to its model.',
      ],
      [
        'Pixel 9 | online, answers in 86 ms, push works',
        expect.stringMatching(/^The tablet in the kitchen \| away, last seen .*, push fails$/),
      ],
    ]);
    await reach(page).getByRole('button', { name: 'Check again' }).click();
    await expect.poll(() => stage.calls('reach.probe').length, { timeout: WAIT_MS }).toBe(2);
  });

  test('says why it could not be checked, and keeps what it knew', async () => {
    reaching(stage.host, sessions);
    const page = await open('Alt+Shift+H');
    await reach(page).getByText('Pixel 9').waitFor();
    stage.host.handlers['reach.probe'] = () => {
      throw new RpcFailure('refused', 'The host is about to stop.');
    };
    await reach(page).getByRole('button', { name: 'Check again' }).click();
    await reach(page).getByText('The host is about to stop.').waitFor();
    await reach(page).getByText('Pixel 9').waitFor();
  });
});

describe('an agent that stands still', () => {
  const strip = (page: Page) => page.getByRole('region', { name: 'What the agent is doing' });

  test('is told in its row and over its conversation, with the ways out', async () => {
    reaching(stage.host, sessions);
    const page = await stage.open();
    const row = page.locator('.session-row').filter({ hasText: MAIN });
    await row.getByText('Does not answer for 6 min').waitFor();
    await page
      .locator('.session-row')
      .filter({ hasText: 'Translate' })
      .getByText('Waits for its model for 1 min')
      .waitFor();
    await row.click();
    await strip(page).getByText('It has not answered three questions in a row').waitFor();
    await strip(page).getByRole('button', { name: 'Interrupt' }).click();
    await strip(page).getByRole('button', { name: 'Restart the agent' }).click();
    const sure = dialog(page, 'Restart the agent?');
    await sure.getByText('cut short').waitFor();
    // Leaving it has the focus.
    await page.keyboard.press('Enter');
    await sure.waitFor({ state: 'detached' });
    expect(stage.calls('session.restart')).toEqual([]);
    await page.keyboard.press('Alt+Shift+.');
    await sure.getByRole('button', { name: 'Restart the agent' }).click();
    const target = { commandId: expect.any(String), sessionId: sessions[0] };
    await expect
      .poll(() => [stage.calls('session.cancel'), stage.calls('session.restart')], {
        timeout: WAIT_MS,
      })
      .toEqual([[target], [target]]);
    // It is heard again.
    stage.host.tell('desk.pulses', { pulses: [] });
    await strip(page).waitFor({ state: 'detached' });
  });
});

describe('in every look', () => {
  const scenes: readonly (readonly [string, string, (page: Page) => Promise<void>])[] = [
    ['reach', 'Alt+Shift+H', async (page) => await reach(page).getByText('Pixel 9').waitFor()],
    [
      'pulse-strip',
      'Alt+h',
      async (page) => {
        await page.locator('.session-row').filter({ hasText: MAIN }).click();
        await page.getByText('It has not answered three').waitFor();
      },
    ],
  ];
  test.each(scenes)('%s: nothing is lost, and axe finds nothing', async (name, keys, act) => {
    reaching(stage.host, sessions);
    const page = await stage.open();
    await page.locator('.sessions').getByText(MAIN, { exact: true }).waitFor();
    await page.keyboard.press(keys);
    await act(page);
    expect(await faultsInEveryLook(page, name)).toEqual([]);
  });
});
