import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeHost } from '../fakes/fake-host.ts';
import { launchBrowser, openPage } from './support/window-browser.ts';
import { WindowHost } from './support/window-host.ts';
import { AGENTS, fill } from './support/window-scenes.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => await browser?.close());

async function withDoor(act: (door: WindowHost) => Promise<void>): Promise<void> {
  const door = await WindowHost.start(new FakeHost());
  try {
    await act(door);
  } finally {
    door.stop();
  }
}

describe('a link', () => {
  test('leaves the address bar at once, and a reload still gets in', async () => {
    await withDoor(async (door) => {
      fill(door.host);
      const { page, close } = await openPage(browser, door.link());
      await page.getByText('A slug for every title').waitFor();
      const address = page.url();
      await page.reload();
      await page.getByText('A slug for every title').waitFor();
      const left = await page.evaluate(
        '[location.hash, document.cookie, Object.keys(localStorage).length]',
      );
      await close();
      expect([new URL(address).hash, left]).toEqual(['', ['', '', 0]]);
    });
  });

  test('that was used says so, and what to do', async () => {
    await withDoor(async (door) => {
      const link = door.link();
      const first = await openPage(browser, link);
      await first.page.getByText('No sessions yet').first().waitFor();
      const second = await openPage(browser, link);
      await second.page
        .getByRole('heading', { name: 'This link was used already, or it is too old' })
        .waitFor();
      await first.close();
      await second.close();
    });
  });

  test('of a host that has forgotten its pages leads to a new link, not to endless attempts', async () => {
    await withDoor(async (door) => {
      fill(door.host);
      const { page, close } = await openPage(browser, door.link());
      await page.getByText('A slug for every title').waitFor();
      await page.evaluate(`sessionStorage.setItem('porchlight.session', 'not-a-session-of-yours')`);
      const { comeBack } = await door.goAway();
      await comeBack();
      await page.getByText('This link was used already, or it is too old').waitFor();
      await close();
    });
  });
});

describe('a host that goes away', () => {
  test('leaves what was seen, and the window catches up by itself with every event once', async () => {
    await withDoor(async (door) => {
      const id = fill(door.host);
      const { page, close } = await openPage(browser, door.link());
      await page.locator('.sessions').getByText('A slug for every title').click();
      await page.getByText('Two callers, both pass a title').waitFor();
      const { comeBack } = await door.goAway();
      await page.getByText('The host does not answer').waitFor();
      await page.getByText('Two callers, both pass a title').waitFor();
      for (let i = 0; i < 500; i += 1)
        door.host.append(id, { type: 'agent.text', messageId: 'm9', text: `w${i} ` });
      await comeBack();
      await page.getByText('The host does not answer').waitFor({ state: 'detached' });
      const said = page.locator('.said', { hasText: 'w499' });
      await said.waitFor();
      expect((await said.locator('.markdown').textContent())?.trim()).toBe(
        Array.from({ length: 500 }, (_, i) => `w${i}`).join(' '),
      );
      await close();
    });
  });

  test('keeps the draft and says that nothing was sent', async () => {
    await withDoor(async (door) => {
      fill(door.host);
      const { page, close } = await openPage(browser, door.link());
      await page.locator('.sessions').getByText('A slug for every title').click();
      await page.locator('#composer').fill('do not lose me');
      const { comeBack } = await door.goAway();
      await page.getByText('The host does not answer').waitFor();
      await page.keyboard.press('Enter');
      expect(await page.locator('#composer').inputValue()).toBe('do not lose me');
      expect(await page.getByRole('button', { name: /^(Send|Queue)$/ }).isDisabled()).toBe(true);
      await comeBack();
      await page.getByText('The host does not answer').waitFor({ state: 'detached' });
      await page.locator('#composer').press('Enter');
      await expect.poll(async () => await page.locator('#composer').inputValue()).toBe('');
      expect(door.host.calls.filter(({ method }) => method === 'session.send')).toHaveLength(1);
      await close();
    });
  });
});

describe('a new session', () => {
  test('that the host refuses says why, and nothing that was written is lost', async () => {
    await withDoor(async (door) => {
      door.host.agents = AGENTS;
      door.host.handlers['session.start'] = () => {
        throw new Error('unused');
      };
      const { page, close } = await openPage(browser, door.link());
      await page.getByRole('button', { name: 'New session' }).first().click();
      const dialog = page.getByRole('dialog', { name: 'New session' });
      await dialog.getByLabel('First message').fill('long and dear');
      await dialog.getByRole('button', { name: 'Start session' }).click();
      await dialog.getByText('Choose a folder first.').waitFor();
      await dialog.getByLabel('Folder', { exact: true }).fill('blog');
      await dialog.getByRole('button', { name: 'Start session' }).click();
      await dialog.getByText('Write the whole path').waitFor();
      await dialog.getByLabel('Folder', { exact: true }).fill('/nowhere');
      await dialog.getByRole('button', { name: 'Start session' }).click();
      await dialog.getByText('The session did not start.').waitFor();
      expect(await dialog.getByLabel('First message').inputValue()).toBe('long and dear');
      await close();
    });
  });

  test('offers the demo agent first where nothing else is found', async () => {
    await withDoor(async (door) => {
      door.host.agents = AGENTS.map((agent) =>
        agent.id === 'demo' ? agent : { ...agent, found: false },
      );
      const { page, close } = await openPage(browser, door.link());
      await page.getByRole('button', { name: 'Try it with the demo agent' }).click();
      const dialog = page.getByRole('dialog', { name: 'New session' });
      await dialog.getByRole('radio', { name: /Demo agent/ }).waitFor();
      expect(await dialog.getByRole('radio', { name: /Demo agent/ }).isChecked()).toBe(true);
      await close();
    });
  });

  test('installs an agent with its progress in view', async () => {
    await withDoor(async (door) => {
      door.host.agents = AGENTS;
      door.host.handlers['agents.install'] = ({ agent }, connection) => {
        connection.notify('agents.installing', {
          agent,
          step: 'downloading',
          message: '90 of 180 MB',
          bytes: 90,
          totalBytes: 180,
        });
        return new Promise(() => {});
      };
      const { page, close } = await openPage(browser, door.link());
      await page.getByRole('button', { name: 'New session' }).first().click();
      await page.getByRole('button', { name: /^Install/ }).click();
      await page.getByText('90 of 180 MB').waitFor();
      expect(
        await page.getByRole('progressbar', { name: 'Installing Codex' }).getAttribute('value'),
      ).toBe('90');
      await close();
    });
  });
});
