import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { nightReport } from '../e2e/support/standing-scenes.ts';
import { sceneStage } from './support/scene-stage.ts';

const stage = sceneStage();
const { opened, asked } = stage;

describe('the mode on the phone', () => {
  const mode = (page: Page): Locator => page.locator('select#mode');

  test('is raised by an operator, who is asked about it in its place', async () => {
    await opened({ role: 'operator' }, `#/s/${stage.scene.calm}/about`, async (page) => {
      const { modeVersion: version } = stage.phone.host.session(stage.scene.calm).state;
      await mode(page).selectOption('auto');
      const ask = page.getByRole('group', { name: 'Raise the mode to Auto?' });
      await ask.getByRole('button', { name: 'Stay in Ask' }).tap();
      await ask.waitFor({ state: 'detached' });
      expect(await mode(page).inputValue()).toBe('ask');
      expect(asked('session.setMode')).toEqual([]);
      await mode(page).selectOption('auto');
      await ask.getByRole('button', { name: 'Switch to Auto' }).tap();
      await page.waitForFunction(`document.getElementById('mode').value === 'auto'`);
      expect(asked('session.setMode')).toMatchObject([
        { sessionId: stage.scene.calm, mode: 'auto', raise: true, version },
      ]);
    });
  });

  test('is only lowered by an approver: what raises it says what it takes', async () => {
    stage.phone.host.append(stage.scene.calm, {
      type: 'mode.changed',
      mode: 'edits',
      native: 'acceptEdits',
      version: 7,
      by: 'window',
    });
    await opened({ role: 'approver' }, `#/s/${stage.scene.calm}/about`, async (page) => {
      await mode(page).waitFor();
      const options = await mode(page).locator('option').allTextContents();
      const closed = await mode(page).locator('option:disabled').allTextContents();
      expect({ options, closed }).toEqual({
        options: ['Ask', 'Edits', 'Plan', 'Auto (takes an operator)'],
        closed: ['Auto (takes an operator)'],
      });
      await mode(page).selectOption('ask');
      await page.waitForFunction(`document.getElementById('mode').value === 'ask'`);
      expect(asked('session.setMode')).toMatchObject([{ mode: 'ask', version: 7 }]);
      expect(asked('session.setMode')[0]).not.toHaveProperty('raise');
    });
  });

  test('is only seen by a viewer', async () => {
    await opened({ role: 'viewer' }, `#/s/${stage.scene.calm}/about`, async (page) => {
      await page.locator('.pairs').getByText('Ask', { exact: true }).waitFor();
      expect(await mode(page).count()).toBe(0);
    });
  });
});

describe('the night on the phone', () => {
  test('is begun from the settings, stands on the first screen, and is ended', async () => {
    await opened({ role: 'operator' }, '#/settings', async (page) => {
      await page.getByRole('button', { name: 'Open the night' }).tap();
      await page.getByLabel('Until').selectOption('none');
      await page.getByRole('button', { name: 'Start the night' }).tap();
      await page.getByRole('button', { name: 'End the night' }).waitFor();
      expect(asked('night.start')).toMatchObject([{ commandId: expect.any(String) }]);
      expect(asked('night.start')[0]).not.toHaveProperty('until');
      await page.getByRole('button', { name: 'Back' }).tap();
      await page.getByRole('button', { name: 'Back' }).tap();
      await page.getByRole('button', { name: /^Night since/ }).tap();
      await page.getByRole('button', { name: 'End the night' }).tap();
      await page.getByRole('button', { name: 'Start the night' }).waitFor();
      expect(asked('night.end')).toHaveLength(1);
    });
  });

  test('that is over stands on the first screen until its page was looked at', async () => {
    stage.phone.host.standing.report = nightReport(stage.scene.main, new Date().toISOString());
    await opened({ role: 'approver' }, '#/', async (page) => {
      const note = page.getByRole('button', { name: /^The night ended/ });
      await note.tap();
      await page.getByText('37 allowed, 2 refused').waitFor();
      await page.getByText('takes an operator').waitFor();
      expect(await page.getByRole('button', { name: 'Start the night' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Back' }).tap();
      await page.locator('.machine').waitFor();
      expect(await note.count()).toBe(0);
      const looks = asked('night.report').length;
      await page.reload();
      await page.getByText('Connected to Workbench').waitFor();
      await expect.poll(() => asked('night.report').length).toBeGreaterThan(looks);
      await page.locator('.card').first().waitFor();
      expect(await note.count()).toBe(0);
    });
  });
});
