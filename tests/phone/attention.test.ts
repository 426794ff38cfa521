import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { RpcFailure } from '../../src/protocol/errors.ts';
import { asking, notifyState, reachable } from './support/attention-scenes.ts';
import { sceneStage } from './support/scene-stage.ts';

const stage = sceneStage();
const { opened, asked } = stage;
const host = () => stage.phone.host;
const WAIT = { timeout: 10_000 };
const active = () =>
  host()
    .attention.heard.filter(({ method }) => method === 'surface.active')
    .map(({ params }) => params);

/** What a page does when it is left. */
const leave = async (page: Page): Promise<void> =>
  void (await page.evaluate(`window.dispatchEvent(new Event('pagehide'))`));

describe('a person at the phone', () => {
  test('is told of by touches alone; what stood before them for a second was seen, once', async () => {
    asking(host(), stage.scene);
    await opened({ role: 'operator' }, '#/', async (page) => {
      const [first] = host().attention.now.items;
      const card = page.locator(`[data-approval="${first?.approvalId}"]`);
      await card.scrollIntoViewIfNeeded();
      await page.locator('.notify-offer').waitFor();
      expect([active(), asked('attention.seen')]).toEqual([[], []]);
      await page.locator('.home-head').tap();
      await expect.poll(active, WAIT).toEqual([{ active: true, sessionId: null }]);
      const seen = () =>
        asked('attention.seen').flatMap((params) => (params as { ids: string[] }).ids);
      await expect.poll(seen, WAIT).toContain(first?.id);
      await page.locator('.home-head').tap();
      expect(active()).toHaveLength(1);
      expect(seen()).toEqual([...new Set(seen())]);
      // What is further down was not before their eyes.
      expect(seen()).not.toContain(`failed:${stage.scene.failed}`);
      await leave(page);
      await expect.poll(() => active().at(-1), WAIT).toEqual({ active: false, sessionId: null });
    });
  });

  test('sees all of a session whose conversation is on screen', async () => {
    asking(host(), stage.scene);
    const { failed } = stage.scene;
    await opened({ role: 'operator' }, `#/s/${failed}`, async (page) => {
      await page.locator('.over').waitFor();
      await page.locator('.session-main').tap();
      await expect
        .poll(() => asked('attention.seen'), WAIT)
        .toEqual([{ ids: [`failed:${failed}`] }]);
      expect(active()).toEqual([{ active: true, sessionId: failed }]);
    });
  });

  test('has the number on the app’s icon, and none when nothing asks any more', async () => {
    await opened({ role: 'operator' }, '#/', async (page) => {
      await page.locator('.card').first().waitFor();
      await page.evaluate(`navigator.setAppBadge = async (n) => void (window.badge = n);
        navigator.clearAppBadge = async () => void (window.badge = 'none')`);
      const badge = async (): Promise<unknown> => await page.evaluate('window.badge');
      asking(host(), stage.scene);
      const { now } = host().attention;
      host().tell('attention.changed', now);
      await expect.poll(badge, WAIT).toBe(now.items.length);
      host().tell('attention.changed', { items: [], quietUntil: null });
      await expect.poll(badge, WAIT).toBe('none');
    });
  });
});

describe('notifications', () => {
  test('are offered until the person has answered, and asked for by the button alone', async () => {
    await opened({ role: 'operator' }, '#/', async (page) => {
      const offer = page.locator('.notify-offer');
      await offer.waitFor();
      await page.getByRole('button', { name: 'Not now' }).tap();
      await offer.waitFor({ state: 'detached' });
    });
    await opened({ role: 'operator' }, '#/', async (page) => {
      await page.locator('.notify-offer').getByRole('button', { name: 'Turn on' }).tap();
      await page.locator('.notify-offer').waitFor({ state: 'detached' });
      await page.evaluate(`location.hash = '#/notify'`);
      await page.getByText('On, by way of push.example.').waitFor();
      await page.getByLabel('Questions').uncheck();
      const kinds = `fakePhone.store.getState().open.push.store.getState().kinds`;
      expect(await page.evaluate(kinds)).not.toContain('question');
      await page.getByRole('button', { name: 'Turn off' }).tap();
      await page.getByText('Off.', { exact: true }).waitFor();
    });
  });

  test('for all devices are set by an operator, and only read by others', async () => {
    host().attention.notify = {
      ...notifyState,
      policy: { ...notifyState.policy, quietHours: null },
    };
    await opened({ role: 'operator' }, '#/notify', async (page) => {
      const save = page.getByRole('button', { name: 'Save' });
      await save.waitFor();
      expect(await save.isDisabled()).toBe(true);
      await page.getByLabel('Be quiet at night').check();
      await page.getByLabel('Until', { exact: true }).fill('06:30');
      await page
        .getByLabel('To the next device')
        .selectOption({ label: 'when not seen for 2 min' });
      await save.tap();
      await expect
        .poll(() => asked('notify.setPolicy'), WAIT)
        .toMatchObject([{ policy: { seenSec: 120, quietHours: { from: '22:00', to: '06:30' } } }]);
      await expect.poll(() => save.isDisabled(), WAIT).toBe(true);
      await page.getByText('ntfy.example').waitFor();
    });
    await opened({ role: 'viewer' }, '#/notify', async (page) => {
      await page.getByText('22:00 to 06:30').waitFor();
      expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
    });
  });

  test('say in words why they cannot be, and what to do', async () => {
    await opened({ role: 'operator' }, '#/notify', async (page) => {
      const set = async (view: object): Promise<void> =>
        void (await page.evaluate(
          `fakePhone.store.getState().open.push.store.setState(${JSON.stringify(view)})`,
        ));
      for (const [view, words] of [
        [{ permission: 'denied' }, 'Blocked in the browser.'],
        [{ can: 'insecure' }, 'Not possible over the local network.'],
        [{ can: 'installFirst' }, 'Install Porchlight first.'],
        [{ can: 'never' }, 'This browser cannot be told while its page is closed.'],
      ] as const) {
        await set(view);
        await page.getByText(words).waitFor();
        expect(await page.getByRole('button', { name: 'Turn on' }).count()).toBe(0);
      }
    });
  });
});

describe('what can be reached', () => {
  test('is asked leg by leg, said when it fails, and asked again', async () => {
    reachable(host(), stage.scene);
    const { handlers } = host();
    const probe = handlers['reach.probe'];
    handlers['reach.probe'] = () => {
      throw new RpcFailure('internal', 'The relay line is being opened.');
    };
    await opened({ role: 'operator' }, '#/reach', async (page) => {
      await page.getByText('The relay line is being opened.').waitFor();
      expect(await page.locator('.leg').count()).toBe(3);
      handlers['reach.probe'] = probe;
      await page.getByRole('button', { name: 'Check again' }).tap();
      await page.getByText('iPad in the kitchen').waitFor();
      await page.getByText('Its process stands still, and it does not answer.').waitFor();
      // This phone is the way itself.
      expect(await page.getByText('Pixel 9, Chrome').count()).toBe(0);
      await page.evaluate('fakePhone.goOffline(Date.now() - 60_000)');
      await page.getByText('has no network', { exact: true }).waitFor();
      await page
        .getByText(/^As it was /)
        .first()
        .waitFor();
    });
  });

  test('of a host that is away says what brings it back, and what cannot be done from here', async () => {
    await opened({ role: 'operator' }, '#/', async (page) => {
      await page.locator('.card').first().waitFor();
      await page.evaluate(`fakePhone.store.setState(({ hosts }) => ({ hosts: hosts.map((one) => (
        { ...one, service: { installed: true, kind: 'systemd' }, stoppedAtMs: Date.now() - 600_000 })) }))`);
      await page.evaluate(`fakePhone.goOffline(Date.now() - 600_000);
        fakePhone.say({ network: true, relay: { up: true, sinceMs: Date.now(), rttMs: 40 },
          host: { here: false, sinceMs: Date.now() - 600_000, asleepSinceMs: null, asleepSaidBy: null } })`);
      await page
        .getByText(/It was stopped by hand, and starts at the computer or by ssh/)
        .waitFor();
      await page.getByRole('button', { name: 'Details' }).tap();
      await page.getByRole('heading', { name: 'What can be done' }).waitFor();
      await page.getByText('porchlight host start', { exact: true }).waitFor();
      await page.getByText('From here it cannot be woken, switched on or started.').waitFor();
    });
  });
});

test('an agent that hangs is interrupted, or restarted after one question; a viewer does neither', async () => {
  reachable(host(), stage.scene);
  const { busy } = stage.scene;
  await opened({ role: 'operator' }, `#/s/${busy}`, async (page) => {
    await page.getByText('Does not answer for 6 min.').waitFor();
    expect(await page.locator('.status-line').count()).toBe(0);
    await page.getByRole('button', { name: 'Interrupt' }).tap();
    await expect.poll(() => asked('session.cancel'), WAIT).toMatchObject([{ sessionId: busy }]);
    await page.getByRole('button', { name: 'Restart the agent' }).tap();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave it running' }).tap();
    expect(asked('session.restart')).toEqual([]);
    await page.getByRole('button', { name: 'Restart the agent' }).tap();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart the agent' }).tap();
    await expect.poll(() => asked('session.restart'), WAIT).toMatchObject([{ sessionId: busy }]);
  });
  await opened({ role: 'viewer' }, `#/s/${busy}`, async (page) => {
    await page.getByText('Does not answer for 6 min.').waitFor();
    expect(await page.getByRole('button', { name: 'Interrupt' }).count()).toBe(0);
  });
});

describe('the summary', () => {
  test('fits a small phone whole, leads to what needs the person, and keeps its age without a network', async () => {
    reachable(host(), stage.scene);
    await opened({ role: 'operator' }, '#/summary', async (page) => {
      await page.setViewportSize({ width: 360, height: 640 });
      await page.locator('.summary-row').first().waitFor();
      await page.getByText('As it is now.').waitFor();
      const rest = `(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)(
        document.querySelector('.summary'))`;
      expect(await page.evaluate(rest)).toBe(0);
      await page.evaluate('fakePhone.goOffline(Date.now() - 7 * 60_000)');
      await page.getByText('As it was 7 min ago. Nothing newer is known here.').waitFor();
      expect(await page.evaluate(rest)).toBe(0);
      await page.getByRole('button', { name: /A slug for every title/ }).tap();
      await page.locator('.session-main, .middle').first().waitFor();
      expect(new URL(page.url()).hash).toBe(`#/s/${stage.scene.main}`);
    });
  });
});
