import type { Locator, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { approval } from '../e2e/support/window-scenes.ts';
import { sceneStage } from './support/scene-stage.ts';

const stage = sceneStage();
const { opened, asked } = stage;

/** The guard lets no tap count in a card's first moment: taps until one does. */
async function tapUntil(button: Locator, isDone: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isDone()) {
    if (Date.now() > deadline) throw new Error('No tap counts.');
    await button.tap();
    await button.page().waitForTimeout(100);
  }
}

const card = (page: Page, text: string): Locator =>
  page.locator('article.card').filter({ hasText: text });

describe('an approval on the phone', () => {
  test('is decided where it stands, and what is settled holds its place', async () => {
    await opened({ role: 'approver' }, '#/', async (page) => {
      const command = card(page, 'xargs');
      await command.waitFor();
      expect(await command.locator('.call-command').textContent()).toContain(
        'find . -name "*.test.ts" -not -path "./node_modules/*" -print0 \\\n  | xargs -0',
      );
      const next = page.locator('article[data-open="true"]').nth(1);
      await tapUntil(command.getByRole('button', { name: 'Allow', exact: true }), () =>
        asked('approval.decide').some(Boolean),
      );
      const settled = page.locator('.card-settled');
      await settled.waitFor();
      const before = await settled.boundingBox();
      expect(await settled.textContent()).toContain('Allowed');
      // The card keeps the height it had, so what stands below has not moved up.
      expect(before?.height).toBeGreaterThan(300);
      await next.waitFor({ state: 'attached' });
      expect(asked('approval.decide')).toMatchObject([{ choice: { allow: true } }]);
    });
  });

  test('is denied with a reason, or allowed by one of the agent’s own options', async () => {
    await opened({ role: 'approver' }, '#/', async (page) => {
      const edit = card(page, 'slugify.ts');
      await edit.getByRole('button', { name: 'More…' }).tap();
      await edit.getByRole('button', { name: 'Everything the agent offers…' }).tap();
      await edit.getByRole('button', { name: /Always allow npm test/ }).waitFor();
      await edit.getByRole('button', { name: 'Back' }).tap();
      await edit.getByRole('button', { name: 'Deny with a reason…' }).tap();
      await edit.getByLabel('Reason, sent to the agent').fill('Keep the digits.');
      await tapUntil(edit.getByRole('button', { name: 'Deny and tell it' }), () =>
        asked('approval.decide').some(Boolean),
      );
      expect(asked('approval.decide')).toMatchObject([
        { choice: { allow: false }, reason: 'Keep the digits.' },
      ]);
    });
  });

  test('that is a question is answered by its form', async () => {
    await opened({ role: 'approver' }, '#/', async (page) => {
      const form = card(page, 'how should slugs look');
      await form.getByRole('radio', { name: /Hyphen/ }).check();
      await tapUntil(form.getByRole('button', { name: 'Answer' }), () =>
        asked('approval.answer').some(Boolean),
      );
      expect(asked('approval.answer')).toMatchObject([
        { answer: { content: { separator: '-', length: 80 } } },
      ]);
    });
  });

  test('that has just appeared takes no tap', async () => {
    await opened({ role: 'approver' }, `#/s/${stage.scene.calm}`, async (page) => {
      await page.locator('#transcript .row').first().waitFor();
      // Tapped within the page, in the same moment as it appears: no finger can have meant it.
      await page.evaluate(`new MutationObserver((_, observer) => {
        const button = document.querySelector('[data-decides=allow]');
        if (button === null) return;
        observer.disconnect();
        button.click();
        window.wasTapped = true;
      }).observe(document.body, { childList: true, subtree: true })`);
      stage.phone.host.append(stage.scene.calm, {
        type: 'approval.opened',
        approval: approval(stage.phone.host, stage.scene.calm, {}),
      });
      await page.waitForFunction('window.wasTapped === true');
      await page.locator('[data-decides=allow]').waitFor();
      expect(asked('approval.decide')).toEqual([]);
    });
  });

  test('cannot be decided without a connection, and says so', async () => {
    await opened({ role: 'operator' }, '#/', async (page) => {
      await card(page, 'xargs').waitFor();
      await page.evaluate('fakePhone.goOffline(Date.now() - 240_000)');
      await page
        .getByText('Not connected: it can be decided when the host is back.')
        .first()
        .waitFor();
      expect(await page.locator('[data-decides=allow]').first().isDisabled()).toBe(true);
    });
  });
});

describe('a role', () => {
  test('that only looks has no button that decides, writes or starts, and says why', async () => {
    await opened({ role: 'viewer' }, '#/', async (page) => {
      await card(page, 'xargs').getByText('This phone may only look.').waitFor();
      for (const name of ['Allow', 'Deny', 'Answer', 'Try again', 'New session'])
        expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(0);
      await page.evaluate(`location.hash = '#/s/${stage.scene.busy}'`);
      await page.locator('.session-foot').getByText('This phone may only look.').waitFor();
      expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
      expect(await page.locator('#composer').count()).toBe(0);
    });
  });

  test('that decides has the decisions, and says why it cannot write', async () => {
    await opened({ role: 'approver' }, `#/s/${stage.scene.main}`, async (page) => {
      await page.locator('.dock [data-decides=allow]').first().waitFor();
      await page.getByText('This phone may decide, not write.').waitFor();
      await page.evaluate(`location.hash = '#/s/${stage.scene.main}/about'`);
      await page.getByText('This phone may set a mode that asks more.').waitFor();
      // The mode, which it may lower, and nothing else.
      expect(await page.locator('select:not(#mode)').count()).toBe(0);
    });
  });
});

describe('a message', () => {
  test('is sent, and while the agent works it goes into the queue and the agent can be stopped', async () => {
    await opened({ role: 'operator' }, `#/s/${stage.scene.busy}`, async (page) => {
      await page.getByLabel('Message to the agent').fill('And the umlauts?');
      await page.getByRole('button', { name: 'Add to the queue' }).tap();
      await page.locator('.queue-item').getByText('And the umlauts?').waitFor();
      await page.getByRole('button', { name: 'Stop' }).tap();
      await expect
        .poll(() => [...asked('session.send'), ...asked('session.cancel')])
        .toMatchObject([
          { sessionId: stage.scene.busy, prompt: [{ type: 'text', text: 'And the umlauts?' }] },
          { sessionId: stage.scene.busy },
        ]);
    });
  });

  test('without a network waits in sight, can be taken back, and says where it is, or why it was refused', async () => {
    await opened({ role: 'operator' }, `#/s/${stage.scene.calm}`, async (page) => {
      await page.locator('#composer').waitFor();
      await page.evaluate('fakePhone.goOffline(Date.now() - 240_000)');
      await page.getByText('This phone has no network').waitFor();
      await page.getByText('Shown as it was 4 min ago.').waitFor();
      await page.locator('#composer').fill('Carry on when you can.');
      await page.getByRole('button', { name: 'Send', exact: true }).tap();
      await page.getByText('Waits for the connection').waitFor();
      await page.getByRole('button', { name: 'Take back' }).tap();
      expect(await page.locator('#composer').inputValue()).toBe('Carry on when you can.');
      await page.getByRole('button', { name: 'Send', exact: true }).tap();
      await page.evaluate('fakePhone.leave(Date.now())');
      await page
        .getByText('Your computer takes it when it is back, also with this page closed.')
        .waitFor();
      expect(await page.getByRole('button', { name: 'Take back' }).count()).toBe(0);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await page.evaluate("fakePhone.refuse('This session is gone.')");
      await page.getByText('Not sent: This session is gone.').waitFor();
      await page.getByRole('button', { name: 'Put away' }).tap();
      expect(await page.locator('.outbox').count()).toBe(0);
      await page.evaluate('fakePhone.comeBack()');
      await page.getByText('This phone has no network').waitFor({ state: 'detached' });
    });
  });

  test('takes pictures of the camera roll, made small, and says plainly what it cannot read', async () => {
    await opened({ role: 'operator' }, `#/s/${stage.scene.calm}`, async (page) => {
      const picker = page.locator('input[type=file]');
      await picker.setInputFiles([
        { name: 'IMG_1.png', mimeType: 'image/png', buffer: picture(2_600, 130) },
        { name: 'IMG_2.HEIC', mimeType: 'image/heic', buffer: Buffer.from('ftypheic') },
      ]);
      await page.getByText('IMG_2.HEIC is a HEIC photo').waitFor();
      await page.locator('.thumbs img').waitFor();
      const size = await page.evaluate(`(async () => {
        const image = document.querySelector('.thumbs img');
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      })()`);
      expect(size).toEqual([2_000, 100]);
      await page.getByRole('button', { name: 'Send', exact: true }).tap();
      await expect
        .poll(() => asked('session.send'))
        .toMatchObject([{ prompt: [{ type: 'image', mimeType: 'image/jpeg' }] }]);
    });
  });

  test('can be written above a keyboard that leaves half of the screen', async () => {
    await opened({ role: 'operator' }, `#/s/${stage.scene.main}`, async (page) => {
      await page.locator('#composer').tap();
      await page.setViewportSize({ width: 360, height: 380 });
      const box = page.locator('#composer');
      await expect
        .poll(async () => {
          const place = await box.boundingBox();
          return place !== null && place.y >= 0 && place.y + place.height <= 380;
        })
        .toBe(true);
      await page.getByRole('button', { name: 'Stop' }).tap({ trial: true });
    });
  });
});

describe('a place', () => {
  test('has an address: back leads the way one came, and a reload stays', async () => {
    await opened({ role: 'operator' }, '#/', async (page) => {
      await page.getByText('Umlauts in slugs').tap();
      await page.getByRole('button', { name: /About this session/ }).tap();
      await page.getByRole('heading', { name: 'Umlauts in slugs' }).waitFor();
      await page.getByRole('button', { name: 'Rename' }).tap();
      await page.getByRole('dialog').waitFor();
      await page.goBack();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.reload();
      await page.getByRole('heading', { name: 'Umlauts in slugs' }).waitFor();
      await page.goBack();
      await page.locator('#composer').waitFor();
      await page.goBack();
      await page.getByRole('button', { name: 'New session' }).waitFor();
    });
  });

  test('of another computer is one choice away, and a forgotten one is gone', async () => {
    await opened({ role: 'operator', others: ['Laptop'] }, '#/', async (page) => {
      await card(page, 'xargs').waitFor();
      await page.getByLabel('Computer: Workbench. Switch').selectOption('Laptop');
      await page.getByText('Nothing of this computer is known here yet').waitFor();
      await page.getByRole('button', { name: 'Settings' }).tap();
      await page.getByRole('button', { name: 'Forget Laptop' }).tap();
      await page.getByRole('dialog').getByRole('button', { name: 'Forget Laptop' }).tap();
      await page.getByText('Laptop').waitFor({ state: 'detached' });
      expect(await page.evaluate('fakePhone.asked')).toEqual(['forget host-1']);
    });
  });

  test('is the pairing screen while no computer is known', async () => {
    await opened({ role: 'operator', isNew: true }, '#/', async (page) => {
      await page.getByRole('heading', { name: 'Pair a computer' }).waitFor();
    });
  });
});

test('a session is started below a folder that the owner allows', async () => {
  await opened({ role: 'operator' }, '#/', async (page) => {
    await page.getByRole('button', { name: 'New session' }).tap();
    await page.getByRole('button', { name: /^code/ }).tap();
    await page.getByRole('button', { name: 'shop' }).tap();
    await page.locator('.browser-path').getByText('/home/ada/code/shop').waitFor();
    await page.getByRole('button', { name: 'Use this folder' }).tap();
    await page.getByRole('radio', { name: /Own worktree/ }).waitFor();
    await page.getByLabel('First message').fill('Repair the till.');
    await page.getByRole('button', { name: 'Start session' }).tap();
    await page.locator('#composer').waitFor();
    expect(asked('session.start')).toMatchObject([
      { cwd: '/home/ada/code/shop', agent: 'claude', mode: 'ask', isolate: 'worktree' },
    ]);
    await page.goBack();
    await page.getByRole('button', { name: 'New session' }).waitFor();
  });
});

test('what is known of the way is said leg by leg, and can be checked', async () => {
  await opened({ role: 'operator' }, '#/', async (page) => {
    await page.getByText('Connected to Workbench').waitFor();
    await page.getByRole('button', { name: /^Check now/ }).tap();
    await page.locator('.machine-line').getByText('relay 41 ms, checked just now').waitFor();
    await page.locator('.machine-line').tap();
    await page.getByRole('button', { name: /^Check now/ }).tap();
    await page.getByText('just now, 64 ms').waitFor();
    await page.getByRole('button', { name: 'Back', exact: true }).tap();
    await page.evaluate(
      `fakePhone.goOffline(null); fakePhone.say({ network: true, relay: { up: true, sinceMs: Date.now(), rttMs: 20 }, host: { here: false, sinceMs: Date.now() - 600_000, asleepSinceMs: null, asleepSaidBy: null } })`,
    );
    await page.locator('.link-banner').getByText('Workbench is away for 10 min').waitFor();
    expect(await page.locator('.home-lamp').textContent()).toBe('Not connected');
  });
});

/** A wide strip: too wide for a model, and soon made. */
function picture(width: number, height: number): Buffer {
  const png = new PNG({ width, height });
  png.data.fill(200);
  return PNG.sync.write(png);
}
