import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonicalJson } from '../../../../src/base/canonical-json.ts';
import { witness } from '../../../../src/host/audit/witness.ts';
import { newCommandId, newSessionId } from '../../../../src/host/ids.ts';
import { approvalIdSchema } from '../../../../src/protocol/ids.ts';
import type { EventBody } from '../../../../src/protocol/session/events.ts';
import { auditHome, type AuditHome } from './support.ts';

const id = newSessionId();
const commandId = newCommandId();
const prompt = [{ type: 'text' as const, text: 'Mend the door' }];
const approvalId = approvalIdSchema.parse('a_000000000001');
const created: EventBody = {
  type: 'session.created',
  ...{
    sessionId: id,
    agent: 'demo',
    cwd: '/w',
    worktree: null,
    mode: 'ask',
    title: 'W',
    by: 'cli',
  },
};

let home: AuditHome;
let keeps: 'hash' | 'text' = 'hash';
beforeEach(() => {
  home = auditHome();
  home.log.witness = witness({ audit: home.trail, prompts: () => keeps });
});
afterEach(() => home.end());

function told(...events: EventBody[]) {
  home.log.commit((tx) => {
    for (const event of events) tx.append(id, event);
  });
  return home
    .entries()
    .slice(1)
    .map(({ kind, who, what }) => [kind, who.surface, what]);
}

test('sessions, modes, prompts by their hash, and approvals that closed undecided are told', () => {
  const sha256 = createHash('sha256').update(canonicalJson(prompt)).digest('hex');
  expect(
    told(
      created,
      { type: 'mode.changed', mode: 'plan', native: 'plan', version: 1, by: 'device:Pixel 9' },
      { type: 'prompt.queued', commandId, prompt, by: 'window' },
      { type: 'approval.closed', approvalId, reason: 'cancelled' },
      { type: 'approval.closed', approvalId, reason: 'agentGone' },
    ),
  ).toEqual([
    ['sessionStarted', 'cli', { session: id, agent: 'demo', cwd: '/w', mode: 'ask' }],
    ['modeChanged', 'device:Pixel 9', { session: id, mode: 'plan', native: 'plan' }],
    ['prompted', 'window', { session: id, command: commandId, sha256 }],
    ['closed', 'host', { session: id, approval: approvalId, reason: 'cancelled' }],
    ['closed', 'host', { session: id, approval: approvalId, reason: 'agentGone' }],
  ]);
});

test('one that expired is told once, by the desk', () => {
  expect(told(created, { type: 'approval.closed', approvalId, reason: 'expired' })).toHaveLength(1);
});

test('the text of a prompt is kept only where policy says so', () => {
  keeps = 'text';
  const [, entry] = told(created, { type: 'prompt.queued', commandId, prompt, by: 'window' });
  keeps = 'hash';
  expect(entry?.[2]).toMatchObject({ text: 'Mend the door' });
});
