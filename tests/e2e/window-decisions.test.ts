import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { approval, editApproval, question } from './support/window-scenes.ts';
import { windowStage } from './support/window-stage.ts';
import { standsStill } from './support/window-looks.ts';

const CWD = '/home/ada/porch-blog';

const stage = windowStage();
let page: Page;
let id: SessionId;

beforeEach(async () => {
  id = stage.host.addSession({ agent: 'claude', title: 'Slugs', cwd: CWD });
  page = await stage.open();
  await page.locator('.sessions').getByText('Slugs').click();
  await page.locator('#composer').waitFor();
});

function opens(...given: ReturnType<typeof approval>[]): void {
  for (const one of given) stage.host.append(id, { type: 'approval.opened', approval: one });
}

const card = (nth = 0) => page.locator('[data-open="true"]').nth(nth);
const button = (name: string, nth = 0) => card(nth).getByRole('button', { name, exact: true });

/** The card's first moment, in which it takes no click, is over. */
async function afterGuard(): Promise<void> {
  await card().waitFor();
  await standsStill(page);
}

describe('an approval', () => {
  test('shows the whole of a very long command and a very long diff', async () => {
    const command = Array.from({ length: 400 }, (_, i) => `echo step-${i} && \\`).join('\n');
    const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i}\n`);
    const path = `${CWD}/big.txt`;
    opens(
      approval(stage.host, id, {
        call: { tool: 'Bash', input: { command }, locations: [], diff: [] },
      }),
      approval(stage.host, id, {
        kind: 'edit',
        call: {
          tool: 'Write',
          input: {},
          locations: [],
          diff: [{ path, oldText: null, newText: lines.join('') }],
        },
      }),
    );
    expect(await card(0).locator('.call-command').textContent()).toBe(command);
    const diff = card(1).locator('.diff-scroll');
    await diff.evaluate(
      (element) => void ((element as unknown as { scrollTop: number }).scrollTop = 1e9),
    );
    await card(1).getByText('line 29999').waitFor();
    expect(await card(1).locator('.diff-count').textContent()).toBe('+30000 −0');
  });

  test('is allowed for exactly the call that was shown, once', async () => {
    const asked = approval(stage.host, id, {});
    opens(asked);
    await afterGuard();
    await button('Allow').dblclick();
    await page.getByText('Allowed in the browser').waitFor();
    expect(stage.calls('approval.decide')).toEqual([
      {
        commandId: expect.any(String),
        approvalId: asked.id,
        hash: asked.hash,
        choice: { allow: true },
      },
    ]);
  });

  test('takes no click in its first moment', async () => {
    opens(approval(stage.host, id, {}));
    await button('Allow').waitFor();
    await page.evaluate(`document.querySelector('[data-open="true"] .button-decide').click()`);
    expect(stage.calls('approval.decide')).toEqual([]);
    await standsStill(page);
    await button('Allow').click();
    await page.getByText('Allowed in the browser').waitFor();
  });

  test('does not slide under the finger when the one above it was decided elsewhere', async () => {
    const first = approval(stage.host, id, {});
    opens(first, editApproval(stage.host, id, CWD));
    await afterGuard();
    const before = await button('Deny', 1).boundingBox();
    stage.host.append(id, {
      type: 'approval.decided',
      approvalId: first.id,
      optionId: 'no',
      allowed: false,
      reason: 'not today',
      by: 'tray',
    });
    await page.getByText('Denied in the tray menu').first().waitFor();
    await page.getByText('Reason: not today').first().waitFor();
    await page.evaluate(
      `document.querySelector('[data-open="true"] .card-acts .button-plain').click()`,
    );
    expect(stage.calls('approval.decide')).toEqual([]);
    expect(before).not.toBeNull();
  });

  test('is denied with a reason', async () => {
    opens(approval(stage.host, id, {}));
    await afterGuard();
    await button('More…').click();
    await button('Deny with a reason…').click();
    await card().getByLabel('Reason, sent to the agent').fill('use pnpm');
    await button('Deny and tell it').click();
    await page.getByText('Denied in the browser').waitFor();
    expect(stage.calls('approval.decide')).toMatchObject([
      { choice: { allow: false }, reason: 'use pnpm' },
    ]);
  });

  test('has all that the agent offers behind its third button, in the agent’s own words', async () => {
    opens(approval(stage.host, id, {}));
    await afterGuard();
    await button('More…').click();
    await button('Everything the agent offers…').click();
    await card().getByText('The agent writes it into its own settings.').waitFor();
    await button('Always allow npm test in this project').click();
    await page.getByText('Allowed in the browser').waitFor();
    expect(stage.calls('approval.decide')).toMatchObject([{ choice: { optionId: 'always' } }]);
  });

  test('that was decided first by someone else says so and decides nothing', async () => {
    stage.host.decision = { outcome: 'superseded', receipt: null };
    opens(approval(stage.host, id, {}));
    await afterGuard();
    await button('Allow').click();
    await page.getByText('Someone else decided first.').waitFor();
  });

  test('that the host cannot take says why and can be tried again', async () => {
    opens(approval(stage.host, id, {}));
    await afterGuard();
    const { ['approval.decide']: decide } = stage.host.handlers;
    stage.host.handlers['approval.decide'] = () => {
      throw new Error('broken');
    };
    await button('Allow').click();
    await card().getByRole('alert').waitFor();
    stage.host.handlers['approval.decide'] = decide;
    await button('Allow').click();
    await page.getByText('Allowed in the browser').waitFor();
  });

  test('that its agent took back goes calm', async () => {
    const asked = approval(stage.host, id, {});
    opens(asked);
    await card().waitFor();
    stage.host.append(id, { type: 'approval.closed', approvalId: asked.id, reason: 'agentGone' });
    await page.getByText('Closed: the agent is gone').first().waitFor();
    expect(await card().count()).toBe(0);
  });

  test('shows a hostile title and command as plain text', async () => {
    const evil = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
    opens(
      approval(stage.host, id, {
        title: evil,
        why: evil,
        call: { tool: evil, input: { command: evil }, locations: [{ path: evil }], diff: [] },
      }),
    );
    await card().waitFor();
    expect(await card().locator('.call-command').textContent()).toBe(evil);
    expect(await page.evaluate('window.hit')).toBeUndefined();
  });

  test('of a session that is not open is decided on the first screen, which learns of others too', async () => {
    const asked = approval(stage.host, id, {});
    opens(asked);
    await card().waitFor();
    await page.locator('.sessions-home').click();
    for (const connection of stage.host.connections)
      connection.notify('desk.approvals', { approvals: [asked] });
    await page.getByRole('heading', { name: 'One thing needs you' }).waitFor();
    await card().waitFor();
    stage.host.append(id, {
      type: 'approval.decided',
      approvalId: asked.id,
      optionId: 'yes',
      allowed: true,
      by: 'tray',
    });
    for (const connection of stage.host.connections)
      connection.notify('desk.approvals', { approvals: [] });
    await page.getByText('Allowed in the tray menu').waitFor();
    await page.getByRole('heading', { name: 'Nobody is at the door' }).waitFor();
  });
});

describe('a question', () => {
  test('is answered with what its form asks for, checked first', async () => {
    opens(question(stage.host, id));
    await afterGuard();
    await button('Answer').click();
    await card().getByText('This is needed.').waitFor();
    await card()
      .getByRole('radio', { name: /Hyphen/ })
      .check();
    await card().getByLabel('Longest slug').fill('7');
    await button('Answer').click();
    await card().getByText('That is too small.').waitFor();
    await card().getByLabel('Longest slug').fill('60');
    await card().getByRole('checkbox', { name: 'The docs' }).check();
    await button('Answer').click();
    await page.getByText('Answered in the browser').waitFor();
    expect(stage.calls('approval.answer')).toMatchObject([
      { answer: { content: { separator: '-', length: 60, keep: ['docs'], strict: false } } },
    ]);
  });

  test('can be declined without filling it in', async () => {
    opens(question(stage.host, id));
    await afterGuard();
    await button('Decline').click();
    await page.getByText('Declined in the browser').waitFor();
    expect(stage.calls('approval.answer')).toMatchObject([{ answer: { decline: true } }]);
  });
});
