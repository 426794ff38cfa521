import { expect, test } from 'vitest';
import { standingRules } from '../e2e/support/standing-scenes.ts';
import { sceneStage } from './support/scene-stage.ts';

const stage = sceneStage();
const { opened, asked } = stage;

test('the standing rules are listed on the phone, with what is wrong with their files, to be looked at only', async () => {
  standingRules(stage.phone.host);
  await opened({ role: 'operator' }, '#/settings', async (page) => {
    await page.getByRole('button', { name: 'Show the rules' }).tap();
    await page.locator('.rule-list').getByText('registry.npmjs.org').waitFor();
    await page.getByText('rules[2].comand: there is no such key').waitFor();
    await page.getByText('They are changed on the computer.').waitFor();
    expect(await page.locator('.rules button').count()).toBe(0);
    stage.phone.host.standing.rules = [];
    const looks = asked('rules.list').length;
    stage.phone.host.tell('rules.changed', {});
    await page.getByText('No rules yet. A card’s “Always allow…” makes one.').waitFor();
    expect(asked('rules.list')).toHaveLength(looks + 1);
    await page.getByRole('button', { name: 'Back' }).tap();
    await page.getByRole('button', { name: 'Show the rules' }).waitFor();
  });
});
