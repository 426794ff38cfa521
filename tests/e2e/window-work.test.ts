import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { RpcFailure } from '../../src/protocol/errors.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { MethodName } from '../../src/protocol/methods.ts';
import { windowStage } from './support/window-stage.ts';
import {
  CHANGES,
  fillStill,
  gone,
  interrupt,
  inWorktree,
  PATCH,
  ROOT,
  turn,
} from './support/work-scenes.ts';

const stage = windowStage();
let page: Page;

async function open(title?: string): Promise<void> {
  page = await stage.open();
  await page.locator('.sessions-head').waitFor();
  if (title === undefined) return;
  await page.locator('.sessions').getByText(title, { exact: true }).click();
  await page.locator('#composer').waitFor();
}

/** What the window asked of the host by this method, without the ids it makes. */
function asked(method: MethodName): unknown[] {
  return stage.calls(method).map(({ commandId: _, ...rest }) => rest);
}

describe('a new session in a repository', () => {
  beforeEach(async () => {
    fillStill(stage.host, Date.now());
    await open();
    await page.getByText('Sort the invoices').first().waitFor();
    await page.keyboard.press('Alt+n');
    await page.getByLabel('Folder', { exact: true }).fill(ROOT);
    await page.getByText('Where it works').waitFor();
  });

  test('gets its own worktree without a question', async () => {
    await page.getByRole('button', { name: 'Start session' }).click();
    await page.locator('#composer').waitFor();
    expect(asked('session.start')).toEqual([
      { cwd: ROOT, agent: 'claude', mode: 'ask', isolate: 'worktree', share: false },
    ]);
  });

  test('shares a folder only when the person says so, knowing with which session', async () => {
    await page.getByText('This folder').click();
    await page.getByText('“Mend the sensor” works here.').waitFor();
    await page.getByRole('button', { name: 'Start session' }).click();
    await page.getByText('Another session works in this folder: share it').waitFor();
    expect(asked('session.start')).toEqual([]);
    await page.getByLabel('Share the folder').check();
    await page.getByRole('button', { name: 'Start session' }).click();
    await page.locator('#composer').waitFor();
    expect(asked('session.start')).toEqual([
      { cwd: ROOT, agent: 'claude', mode: 'ask', isolate: 'none', share: true },
    ]);
  });

  test('says how far it is, and can be left while it starts', async () => {
    const start = stage.host.handlers['session.start'];
    let done = (): void => {};
    stage.host.handlers['session.start'] = async (params, connection) => {
      await new Promise<void>((resolve) => {
        done = resolve;
      });
      return await start(params, connection);
    };
    await page.getByRole('button', { name: 'Start session' }).click();
    await page.getByText('Making the worktree…').waitFor();
    await page.getByRole('button', { name: 'Leave it starting' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    done();
    await page.locator('.sessions').getByText('A session', { exact: true }).waitFor();
    // Whoever left is not pulled away from what they look at.
    expect(await page.locator('#composer').count()).toBe(0);
  });
});

describe('work in a worktree', () => {
  let id: SessionId;
  beforeEach(async () => {
    id = inWorktree(stage.host, 'Slugs', 'slugs');
    turn(stage.host, id, 'Repair it.');
    stage.host.append(id, { type: 'turn.ended', turn: 1, outcome: 'completed' });
    stage.host.changes = { ...CHANGES, patch: PATCH };
    await open('Slugs');
    await page.getByRole('button', { name: 'Land…' }).waitFor();
    await page.locator('.files').getByText('slugify.ts', { exact: true }).waitFor();
  });

  test('is looked at again when a turn ends', async () => {
    stage.host.changes = { ...CHANGES, total: 7, commits: 3 };
    stage.host.append(id, { type: 'turn.ended', turn: 1, outcome: 'completed' });
    await page.getByText('7 files · 3 commits').waitFor();
  });

  test('lands the way the person chose', async () => {
    await page.getByRole('button', { name: 'Land…' }).click();
    await page.getByLabel('Squash').check();
    await page.getByLabel('Message of the commit').fill('Slugs for every title');
    await page.getByRole('button', { name: 'Land', exact: true }).click();
    await page
      .getByRole('dialog')
      .getByText('Landed: main has 2 new commits and stands at 00000000.')
      .waitFor();
    expect(asked('session.land')).toEqual([
      { sessionId: id, way: 'squash', message: 'Slugs for every title' },
    ]);
  });

  test('in conflict is as it was, and the agent can be asked to bring in the base', async () => {
    stage.host.handlers['session.land'] = () => ({
      outcome: 'conflict',
      base: 'main',
      commit: null,
      commits: 0,
      conflicts: ['src/slugify.ts'],
    });
    await page.keyboard.press('Alt+Shift+L');
    await page.getByRole('button', { name: 'Land', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Both sides are as they were: main and the worktree.').waitFor();
    await dialog.getByRole('button', { name: 'Ask the agent' }).click();
    await dialog.waitFor({ state: 'detached' });
    const text = 'Merge main into this branch and resolve the conflicts in src/slugify.ts.';
    expect(asked('session.send')).toEqual([{ sessionId: id, prompt: [{ type: 'text', text }] }]);
  });

  test('that takes long does not hold the window, and says in the panel how it ended', async () => {
    let refuse = (_error: Error): void => {};
    stage.host.handlers['session.land'] = async () =>
      await new Promise((_, reject) => {
        refuse = reject;
      });
    await page.keyboard.press('Alt+Shift+L');
    await page.getByRole('button', { name: 'Land', exact: true }).click();
    await page.getByRole('dialog').getByText('Landing on main…').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#composer').fill('Meanwhile');
    refuse(new RpcFailure('refused', 'The checkout at /home/ada has changes: commit them first.'));
    const panel = page.locator('#side');
    await panel.getByText('The checkout at /home/ada has changes').waitFor();
    await panel.getByRole('button', { name: 'Dismiss this' }).click();
    await panel.getByText('It did not land.').waitFor({ state: 'detached' });
  });

  test('is removed only after saying what is nowhere else, and then where it is kept', async () => {
    stage.host.handlers['session.discard'] = ({ sessionId }) => {
      const keptAs = 'refs/porchlight/kept/slugs';
      stage.host.append(sessionId, { type: 'worktree.discarded', keptAs, by: 'window' });
      return { keptAs };
    };
    await page.keyboard.press('Alt+Shift+D');
    const dialog = page.getByRole('dialog');
    await dialog
      .getByText('Not on main: 2 commits and uncommitted changes (3 files changed in all).')
      .waitFor();
    // Enter keeps it: what destroys never has the focus.
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(asked('session.discard')).toEqual([]);
    await page.keyboard.press('Alt+Shift+D');
    await dialog.getByRole('button', { name: 'Remove it and keep a copy' }).click();
    await dialog.getByText('Its work is kept as refs/porchlight/kept/slugs.').waitFor();
    expect(asked('session.discard')).toEqual([{ sessionId: id, force: true }]);
  });

  test('that has landed is removed without force', async () => {
    stage.host.changes = { ...CHANGES, uncommitted: false, landed: true };
    await page.keyboard.press('Alt+Shift+D');
    await page.getByText('No work would be lost.').waitFor();
    await page.getByRole('button', { name: 'Remove the worktree' }).click();
    await page.getByRole('dialog').getByText('The worktree was removed.').waitFor();
    expect(asked('session.discard')).toEqual([{ sessionId: id, force: false }]);
  });
});

describe('a session that stands still', () => {
  let id: SessionId;
  beforeEach(() => {
    id = stage.host.addSession({ agent: 'claude', title: 'Still', cwd: '/home/ada/still' });
    turn(stage.host, id, 'Go.');
  });

  test('was cut short: says why once more than in the transcript, and continues', async () => {
    interrupt(stage.host, id);
    await open('Still');
    const line = page.getByRole('region', { name: 'How it stands' });
    await line.getByText('The agent’s process was ended from outside').waitFor();
    await line.getByRole('button', { name: 'Continue' }).click();
    await line.waitFor({ state: 'detached' });
    expect(asked('session.continue')).toEqual([{ sessionId: id }]);
  });

  test('is continued from the first screen as well', async () => {
    interrupt(stage.host, id);
    await open();
    await page.getByText('One session was cut short').waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('One session was cut short').waitFor({ state: 'detached' });
    expect(asked('session.continue')).toEqual([{ sessionId: id }]);
  });

  test('is parked: until when, why, and both ways out', async () => {
    stage.host.append(id, { type: 'turn.ended', turn: 1, outcome: 'limited' });
    stage.host.append(id, {
      type: 'session.parked',
      until: new Date(Date.now() + 130 * 60_000).toISOString(),
      reason: 'The allowance is used up.',
      attempt: 1,
    });
    await open('Still');
    const line = page.getByRole('region', { name: 'How it stands' });
    await line.getByText(/Parked until .*\d\d:\d\d.*, in 2 h 10 min\./).waitFor();
    await line.getByText('The allowance is used up.').waitFor();
    await line.getByRole('button', { name: 'Stay here' }).click();
    await line.getByRole('button', { name: 'Go on now' }).click();
    await expect.poll(() => asked('session.resume')).toEqual([{ sessionId: id }]);
    expect(asked('session.cancel')).toEqual([{ sessionId: id }]);
  });

  test('is asleep: nothing to decide, the next message wakes it', async () => {
    stage.host.append(id, { type: 'turn.ended', turn: 1, outcome: 'completed' });
    gone(stage.host, id, true);
    await open('Still');
    const line = page.getByRole('region', { name: 'How it stands' });
    await line.getByText('Asleep. It wakes with your next message.').waitFor();
    expect(await line.getByRole('button').count()).toBe(0);
    await page.locator('#composer').fill('Good morning');
    await page.keyboard.press('Enter');
    await expect.poll(() => asked('session.send').length).toBe(1);
  });

  test('is asleep: its mode and its model can be changed all the same', async () => {
    const models = [
      { value: 'small', name: 'Small' },
      { value: 'large', name: 'Large' },
    ];
    stage.host.append(id, {
      type: 'options.changed',
      options: [{ id: 'model', name: 'Model', current: 'small', values: models }],
    });
    stage.host.append(id, { type: 'turn.ended', turn: 1, outcome: 'completed' });
    gone(stage.host, id, true);
    await open('Still');
    await page.getByText('Asleep. It wakes with your next message.').waitFor();
    await page.locator('#mode').selectOption('plan');
    await page.getByLabel('Model').selectOption('large');
    await expect
      .poll(() => asked('session.setOption'))
      .toEqual([{ sessionId: id, option: 'model', value: 'large' }]);
    expect(asked('session.setMode')).toEqual([
      { sessionId: id, mode: 'plan', version: expect.any(Number) },
    ]);
  });

  test('is forgotten by the host: it leaves the screen without an error', async () => {
    await open('Still');
    stage.host.sessions.delete(id);
    for (const connection of stage.host.connections)
      connection.notify('desk.forgotten', { sessionId: id });
    await page.getByText('No sessions yet').first().waitFor();
    expect(await page.getByRole('alert').filter({ hasText: /\S/ }).count()).toBe(0);
  });
});

describe('a conversation of a terminal', () => {
  beforeEach(async () => {
    fillStill(stage.host, Date.now());
    await open();
    await page.getByText('Sort the invoices').first().waitFor();
    await page.keyboard.press('Alt+n');
    await page.getByRole('button', { name: 'Continue a terminal conversation…' }).click();
    await page.getByText('Why does the build take nine minutes?').click();
    await page.getByLabel('Share the folder').check();
  });

  test('goes on here', async () => {
    await page.getByRole('button', { name: 'Continue here' }).click();
    await page.locator('#composer').waitFor();
    expect(asked('session.adopt')).toEqual([
      { agent: 'claude', agentSession: 'c1', cwd: ROOT, share: true },
    ]);
  });

  test('that is still open in one says so, and another can be chosen', async () => {
    stage.host.handlers['session.adopt'] = () => {
      throw new RpcFailure('refused', 'It is open in a terminal (claude, pid 7): close it there.');
    };
    await page.getByRole('button', { name: 'Continue here' }).click();
    await page.getByText('It is open in a terminal (claude, pid 7): close it there.').waitFor();
    await page.getByText('Untitled conversation').click();
    await page.getByText('It is open in a terminal').waitFor({ state: 'detached' });
    await page.getByLabel('Find by title or folder').fill('nothing like it');
    await page.getByText('Nothing fits.').waitFor();
  });
});
