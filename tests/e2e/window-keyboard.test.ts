import type { Locator, Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { approval, editApproval } from './support/window-scenes.ts';
import { windowStage } from './support/window-stage.ts';
import { standsStill } from './support/window-looks.ts';

const CWD = '/home/ada/porch-blog';

const stage = windowStage();
let page: Page;
let id: SessionId;

beforeEach(async () => {
  id = stage.host.addSession({ agent: 'claude', title: 'Slugs', cwd: CWD });
  page = await stage.open();
  await page.locator('.sessions').getByText('Slugs').waitFor();
});

const press = async (keys: string): Promise<void> => await page.keyboard.press(keys);
const focused = (locator: Locator) =>
  expect.poll(
    async () =>
      await locator.evaluate(
        (e) =>
          e === (e as { ownerDocument: { activeElement: unknown } }).ownerDocument.activeElement,
      ),
  );
const card = (nth = 0) => page.locator('[data-open="true"]').nth(nth);

test('the whole story goes by keyboard alone', async () => {
  // A new session.
  await press('Alt+n');
  const dialog = page.getByRole('dialog', { name: 'New session' });
  await focused(dialog.getByLabel('Folder', { exact: true })).toBe(true);
  await page.keyboard.type('/home/ada/shop');
  await dialog.getByText('Codex').waitFor();
  await press('Enter');
  await dialog.waitFor({ state: 'detached' });
  expect(stage.calls('session.start')).toMatchObject([
    { cwd: '/home/ada/shop', agent: 'claude', mode: 'ask' },
  ]);

  // Write to it.
  const composer = page.locator('#composer');
  await focused(composer).toBe(true);
  await page.keyboard.type('Repair it');
  await press('Shift+Enter');
  await page.keyboard.type('and test it');
  await press('Enter');
  await expect
    .poll(() => stage.calls('session.send').map(({ prompt }) => prompt))
    .toEqual([[{ type: 'text', text: 'Repair it\nand test it' }]]);

  // Two things need a decision: go there, allow one, and the focus is on the next.
  const sessionId = [...stage.host.sessions.keys()].at(-1) ?? id;
  for (const one of [
    editApproval(stage.host, sessionId, '/home/ada/shop'),
    approval(stage.host, sessionId, {}),
  ])
    stage.host.append(sessionId, { type: 'approval.opened', approval: one });
  await card(1).waitFor();
  await focused(composer).toBe(true);
  await press('Alt+y');
  expect(stage.calls('approval.decide')).toEqual([]);
  await press('Alt+a');
  await focused(card(0)).toBe(true);
  await standsStill(page);
  await press('Alt+y');
  await page.getByText('Allowed in the browser').waitFor();
  await press('Alt+a');
  await focused(card(0)).toBe(true);
  await standsStill(page);
  await press('Alt+x');
  await page.getByText('Denied in the browser').waitFor();
  expect(stage.calls('approval.decide').map(({ choice }) => choice)).toEqual([
    { allow: true },
    { allow: false },
  ]);
});

test('inside a card Tab goes to the call, then Allow, then Deny; never to deny first', async () => {
  await page.locator('.sessions').getByText('Slugs').click();
  stage.host.append(id, { type: 'approval.opened', approval: approval(stage.host, id, {}) });
  await card().waitFor();
  await press('Alt+a');
  const order: string[] = [];
  for (let i = 0; i < 4; i += 1) {
    await press('Tab');
    order.push(
      await page.evaluate(
        'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
      ),
    );
  }
  expect(order).toEqual(['The whole call', 'Everything the agent sent', 'Allow', 'Deny']);
});

test('the focus comes back after a dialog, and the palette leads on', async () => {
  await page.locator('.sessions').getByText('Slugs').click();
  const composer = page.locator('#composer');
  await focused(composer).toBe(true);
  await press('Control+k');
  await page.getByRole('combobox', { name: /Type a command/ }).waitFor();
  await press('Escape');
  await focused(composer).toBe(true);
  await press('Control+k');
  await page.keyboard.type('rename');
  await press('Enter');
  await page.getByRole('dialog', { name: 'Rename session' }).waitFor();
  await page.keyboard.type('Better slugs');
  await press('Enter');
  await page.getByRole('button', { name: 'Better slugs', exact: true }).waitFor();
  expect(stage.calls('session.rename')).toMatchObject([{ title: 'Better slugs' }]);
});

test('lists are one stop each, and the arrows go through them', async () => {
  stage.host.addSession({ agent: 'claude', title: 'Second', cwd: CWD });
  await page.locator('.sessions').getByText('Second').waitFor();
  await press('Alt+s');
  const row = (name: string) => page.locator('.session-row').filter({ hasText: name });
  const [first, second] = await page.locator('.session-title').allTextContents();
  await focused(row(first ?? '')).toBe(true);
  await press('ArrowDown');
  await focused(row(second ?? '')).toBe(true);
  await press('Home');
  await focused(row(first ?? '')).toBe(true);
  await press('Enter');
  await page.locator('#composer').waitFor();
  await press('Alt+ArrowDown');
  await expect
    .poll(async () => await page.locator('.session-row[aria-current]').textContent())
    .toContain(second ?? '');
});

test('raising to auto asks first, and keeping is what has the focus', async () => {
  await page.locator('.sessions').getByText('Slugs').click();
  await page.locator('#composer').waitFor();
  await press('Alt+o');
  await focused(page.locator('#mode')).toBe(true);
  await page.locator('#mode').selectOption('auto');
  const dialog = page.getByRole('group', { name: 'Raise the mode to Auto?' });
  await focused(dialog.getByRole('button', { name: 'Stay in Ask' })).toBe(true);
  await press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect([stage.calls('session.setMode'), await page.locator('#mode').inputValue()]).toEqual([
    [],
    'ask',
  ]);
  await page.locator('#mode').selectOption('auto');
  await dialog.getByRole('button', { name: 'Switch to Auto' }).click();
  expect(stage.calls('session.setMode')).toMatchObject([{ mode: 'auto', raise: true, version: 0 }]);
  await expect.poll(async () => await page.locator('#mode').inputValue()).toBe('auto');
});

test('Esc in the message box stops the turn; a draft outlives a look at another session', async () => {
  const other = stage.host.addSession({ agent: 'claude', title: 'Second', cwd: CWD });
  const commandId = '01938f00-0000-7000-8000-000000000001' as never;
  stage.host.append(id, {
    type: 'prompt.queued',
    commandId,
    prompt: [{ type: 'text', text: 'go' }],
    by: 'cli',
  });
  stage.host.append(id, { type: 'turn.started', turn: 1, commandId });
  await page.locator('.sessions').getByText('Slugs').click();
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
  await page.keyboard.type('not yet');
  await page.locator('.sessions').getByText('Second').click();
  await expect.poll(async () => await page.locator('#composer').inputValue()).toBe('');
  await page.locator('.sessions').getByText('Slugs').click();
  await expect.poll(async () => await page.locator('#composer').inputValue()).toBe('not yet');
  await press('Escape');
  await expect.poll(() => stage.calls('session.cancel').length).toBe(1);
  expect(other).not.toBe(id);
});
