import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Approval } from '../../src/protocol/approval/approval.ts';
import { RpcFailure } from '../../src/protocol/errors.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import { faultsInEveryLook } from './support/every-look.ts';
import { decidingContrasts, standsStill } from './support/window-looks.ts';
import {
  edits,
  entries,
  everydayApproval,
  hostileApproval,
  nightReport,
  standingRules,
} from './support/standing-scenes.ts';
import { windowStage } from './support/window-stage.ts';

const CWD = '/home/ada/porch-blog';
const stage = windowStage();
let page: Page;
let id: SessionId;

beforeEach(async () => {
  id = stage.host.addSession({ agent: 'claude', title: 'Slugs', cwd: CWD });
});

async function openSession(): Promise<void> {
  page = await stage.open();
  await page.locator('.sessions').getByText('Slugs').click();
  await page.locator('#composer').waitFor();
}

function opens(...given: Approval[]): void {
  for (const one of given) stage.host.append(id, { type: 'approval.opened', approval: one });
}

const card = (nth = 0) => page.locator('[data-open="true"]').nth(nth);
const button = (name: string) => card().getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const decided = async (): Promise<Record<string, unknown>[]> => {
  await expect.poll(() => stage.calls('approval.decide').length).toBeGreaterThan(0);
  return stage.calls('approval.decide');
};

/** The card's first moment, in which it takes no click, is over. */
async function afterGuard(): Promise<void> {
  await card().waitFor();
  await standsStill(page);
}

describe('a card', () => {
  test('of the highest risk shows what hides, in words and signs, and asks once more', async () => {
    await openSession();
    opens(hostileApproval(stage.host, id));
    await afterGuard();
    expect(await card().locator('.call-command').textContent()).toBe(
      'ls ‹U+001B›[2K‹U+202E›; porchlight rules add‹U+00A0›--allow \u05d0\u05d1 x',
    );
    const text = (await card().textContent()) ?? '';
    for (const words of [
      'Show the log‹U+202E›gpj.exe',
      'p‹U+0430 а›ypal.com asked for it‹U+200B›',
      'Highest.',
      'Touches Porchlight itself: /home/ada/.porchlight/rules.json',
      'Reaches outside its folder: /home/ada/.porchlight/‹U+202E›rules.json',
      'On a phone, whoever allows it proves to be there.',
      'then it is denied',
      'Ask: Asks before it changes anything',
    ])
      expect(text).toContain(words);
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u200b\u202e]/);
    // Twice in the same place: the second lands on what changes nothing.
    await button('Allow').dblclick();
    await button('Allow').waitFor();
    // The keys go on working in the card.
    expect(await page.evaluate('document.activeElement.dataset.open')).toBe('true');
    expect(stage.calls('approval.decide')).toEqual([]);
    await button('Allow').click();
    await button('Allow this once').waitFor();
    await standsStill(page);
    expect(await faultsInEveryLook(page, 'card-highest')).toEqual([]);
    for (const { what, ratio } of await decidingContrasts(page))
      expect(ratio, what).toBeGreaterThanOrEqual(7);
    await button('Allow this once').click();
    expect(await decided()).toMatchObject([{ choice: { allow: true } }]);
  });

  test('saves the rule that its host proposes, narrowed by hand, and says how far the decision came', async () => {
    await openSession();
    const asked = everydayApproval(stage.host, id);
    opens(asked);
    await afterGuard();
    await button('More…').click();
    await button('Always allow…').click();
    await card()
      .getByRole('radio', { name: /with any arguments after it/ })
      .waitFor();
    await card().getByLabel('Command begins with').fill('');
    await card().getByText('Write what it should cover').waitFor();
    expect(await button('Allow and save the rule').isDisabled()).toBe(true);
    await card().getByLabel('Command begins with').fill('npm test -- slug');
    await card().getByRole('combobox', { name: 'Where', exact: true }).selectOption('This session');
    await card().getByLabel('For how long').selectOption('A number of times');
    await card().getByLabel('How many times').fill('3');
    await card().getByText(`allow command "npm test -- slug" in session ${id} 3 times`).waitFor();
    expect(await faultsInEveryLook(page, 'card-always')).toEqual([]);
    stage.host.handlers['approval.decide'] = () => {
      throw new RpcFailure('refused', 'rules.json cannot be written: the disk is full.');
    };
    await button('Allow and save the rule').click();
    await card().getByText('the disk is full').waitFor();
    stage.host.handlers['approval.decide'] = () => ({ outcome: 'decided', receipt: 'delivered' });
    await button('Allow and save the rule').click();
    await page.getByText('Allowed in the browser').waitFor();
    stage.host.tell('desk.receipt', { approvalId: asked.id, sessionId: id, receipt: 'finished' });
    await page.getByText('Allowed in the browser · done').waitFor();
    const [, second] = await decided();
    expect(second).toMatchObject({
      choice: { allow: true },
      rule: { decision: 'allow', command: 'npm test -- slug', session: id, uses: 3 },
    });
  });

  test('has its call changed: refused as it is, asked for as it should be', async () => {
    await openSession();
    opens(everydayApproval(stage.host, id));
    await afterGuard();
    await button('More…').click();
    await button('Change the call…').click();
    await button('Refuse, and ask for this').click();
    await card().getByText('Nothing is changed yet.').waitFor();
    await card().getByLabel('Command').fill('npm test -- slugify\u202e');
    await card().getByText('signs that are not seen: ‹U+202E›').waitFor();
    await card().getByLabel('Command').fill('npm test -- slugify');
    await button('Refuse, and ask for this').click();
    expect(await decided()).toMatchObject([
      { choice: { allow: false }, edited: { command: 'npm test -- slugify' } },
    ]);
  });
});

describe('several approvals', () => {
  test('are decided at once by keyboard, each by itself, but for what was unticked', async () => {
    await openSession();
    opens(...edits(stage.host, id, 7), hostileApproval(stage.host, id));
    await card(7).waitFor();
    await page.keyboard.press('Alt+b');
    const list = page.locator('.batch');
    await list.getByRole('heading', { name: '7 edits src/' }).waitFor();
    expect(await faultsInEveryLook(page, 'batch')).toEqual([]);
    await list.getByRole('checkbox', { name: /part-3\.ts/ }).focus();
    await page.keyboard.press('Space');
    const { ['approval.decide']: decide } = stage.host.handlers;
    let n = 0;
    stage.host.handlers['approval.decide'] = (params, connection) =>
      (n += 1) === 2 ? { outcome: 'superseded', receipt: null } : decide(params, connection);
    await standsStill(page);
    await list.getByRole('button', { name: 'Allow all 6 edits' }).focus();
    await page.keyboard.press('Enter');
    await list.getByText('5 of 6 decided.').waitFor();
    await list.getByText('someone else was first').waitFor();
    const hashes = stage
      .calls('approval.decide')
      .map(({ approvalId, choice }) => [approvalId, choice]);
    expect(new Set(hashes.map(([approvalId]) => approvalId)).size).toBe(6);
    expect(hashes.every(([, choice]) => JSON.stringify(choice) === '{"allow":true}')).toBe(true);
  });

  test('are denied with one reason, which the agent hears once', async () => {
    await openSession();
    opens(...edits(stage.host, id, 3));
    await card(2).waitFor();
    await page.getByRole('button', { name: /3 edits under src\// }).click();
    const list = page.locator('.batch');
    await list.getByLabel('Reason for a denial').fill('One at a time.');
    await standsStill(page);
    await list.getByRole('button', { name: 'Deny all 3' }).click();
    await list.getByText('3 of 3 decided.').waitFor();
    expect(stage.calls('approval.decide').map(({ reason }) => reason)).toEqual([
      'One at a time.',
      undefined,
      undefined,
    ]);
  });
});

describe('the mode', () => {
  test('that the agent raised by itself is shown, and put back', async () => {
    await openSession();
    const change = (mode: 'ask' | 'edits', version: number, by: string): void =>
      void stage.host.append(id, { type: 'mode.changed', mode, native: mode, version, by });
    change('ask', 1, 'cli');
    change('edits', 2, 'agent');
    await page.getByText('Claude Code went from Ask into Edits by itself.').waitFor();
    expect(await faultsInEveryLook(page, 'drift')).toEqual([]);
    await page.getByRole('button', { name: 'Put it back to Ask' }).click();
    await expect
      .poll(() => stage.calls('session.setMode'))
      .toMatchObject([{ mode: 'ask', version: 2 }]);
  });

  test('that was changed meanwhile is said to be; one that must be meant is asked about', async () => {
    await openSession();
    stage.host.handlers['session.setMode'] = ({ raise }) => {
      const changed = { kind: 'changed', mode: 'plan', version: 9 };
      throw new RpcFailure('refused', 'No.', raise === true ? changed : { kind: 'raises' });
    };
    await page.locator('#mode').selectOption('plan');
    const asks = page.getByRole('group', { name: 'Raise the mode to Plan?' });
    await asks.getByRole('button', { name: 'Switch to Plan' }).click();
    await page.getByText('The mode was changed meanwhile: it is Plan now.').waitFor();
    await page.locator('#mode').selectOption('auto');
    await page.getByText('Nothing keeps it in its folder.').waitFor();
    expect(await faultsInEveryLook(page, 'mode-ask')).toEqual([]);
  });
});

describe('on screens of their own', () => {
  test('rules are listed, made, removed and brought back, trusted and asked', async () => {
    standingRules(stage.host);
    await openSession();
    await page.keyboard.press('Alt+Shift+U');
    await dialog().getByText('allow command "npm test" in /home/ada/porch-blog').waitFor();
    for (const words of [
      '7 uses left',
      'Not in force: its time is over',
      'there is no such key; line 14',
    ])
      await dialog().getByText(words).waitFor();
    expect(await faultsInEveryLook(page, 'rules')).toEqual([]);

    await dialog().getByRole('button', { name: 'Add a rule…' }).click();
    const form = dialog().getByRole('form', { name: 'A new rule' });
    await form.getByLabel('What it does').selectOption('Deny without asking');
    await form.getByRole('textbox', { name: 'A command' }).fill('git push');
    await form.getByRole('combobox', { name: 'Where', exact: true }).selectOption('Everywhere');
    await form.getByRole('button', { name: 'Save the rule' }).click();
    await dialog()
      .getByRole('region', { name: 'Yours' })
      .getByText('deny command "git push"', { exact: true })
      .waitFor();
    expect(stage.calls('rules.add')).toMatchObject([
      { rule: { decision: 'deny', command: 'git push' } },
    ]);

    await dialog()
      .getByRole('button', { name: /^Remove: deny command "git push"$/ })
      .click();
    await dialog().getByText('Removed: deny command "git push"').waitFor();
    await dialog().getByRole('button', { name: 'Put it back' }).click();
    await expect
      .poll(() => stage.host.standing.rules.filter(({ source }) => source === 'user').length)
      .toBe(4);

    await dialog().getByRole('button', { name: 'Trust these rules…' }).click();
    await dialog().getByRole('button', { name: 'Trust these rules', exact: true }).click();
    await dialog().getByRole('button', { name: 'No longer trust them' }).waitFor();

    const check = dialog().getByRole('form', { name: 'What would happen to…' });
    await check.getByRole('textbox', { name: 'A command' }).fill('rm -r build');
    await check.getByRole('button', { name: 'Check' }).click();
    await check.getByText('You would be asked.').waitFor();
    expect(stage.calls('rules.check')).toEqual([
      { command: 'rm -r build', cwd: CWD, agent: 'claude' },
    ]);
    expect(await faultsInEveryLook(page, 'rules-checked')).toEqual([]);
  });

  test('a night is begun, seen on every screen and ended; its morning comes by itself, once', async () => {
    stage.host.standing.report = nightReport(id, null);
    await openSession();
    opens(everydayApproval(stage.host, id));
    await page.keyboard.press('Alt+Shift+G');
    await dialog().getByLabel('Until').selectOption('A time…');
    await dialog().getByLabel('Ends at').fill('06:30');
    await dialog().getByRole('button', { name: 'Start the night' }).click();
    await page.keyboard.press('Escape');
    await page.getByText('Rules decide; what they leave open waits.').waitFor();
    expect(stage.calls('night.start')).toMatchObject([{ until: expect.stringContaining('30:00') }]);
    await page.getByRole('button', { name: 'End the night' }).click();
    await dialog().getByText('37 allowed, 2 refused').first().waitFor();
    for (const connection of stage.host.connections)
      connection.notify('desk.approvals', { approvals: stage.host.openApprovals() });
    await dialog().locator('[data-open="true"]').waitFor();
    expect(await faultsInEveryLook(page, 'morning')).toEqual([]);
    await page.keyboard.press('Escape');
    await page.reload();
    await page.locator('.session-row').first().waitFor();
    await expect.poll(() => stage.calls('night.report').length).toBeGreaterThan(1);
    expect(await dialog().count()).toBe(0);
  });

  test('the log says who decided what, and whether it holds', async () => {
    stage.host.standing.entries = entries();
    await openSession();
    await page.keyboard.press('Alt+Shift+O');
    await dialog().getByText('ada, cli').waitFor();
    await dialog().getByRole('button', { name: 'Check the log' }).click();
    await dialog().getByText('All 3 entries hold.').waitFor();
    stage.host.standing.verdict = {
      ok: false,
      entries: 3,
      brokenAt: 2,
      why: 'its hash is not that of its content',
      head: null,
    };
    await dialog().getByRole('button', { name: 'Check the log' }).click();
    await dialog()
      .getByText('Entry 2 does not hold: its hash is not that of its content')
      .waitFor();
    expect(await faultsInEveryLook(page, 'log')).toEqual([]);
  });
});
