import { expect, test } from 'vitest';
import { decideAsked } from '../../../../../../renderer/phone/worker/decide/decide.ts';
import type { Talk } from '../../../../../../renderer/phone/worker/decide/host-talk.ts';
import type { Asked, Outcome } from '../../../../../../renderer/phone/worker/push/outcome.ts';
import { newCommandId } from '../../../../../../renderer/state/uuid.ts';
import { ConnectionRefused } from '../../../../../../src/connection/refusals.ts';
import { approvalSchema, type Approval } from '../../../../../../src/protocol/approval/approval.ts';
import type { Role } from '../../../../../../src/protocol/devices.ts';
import { RpcFailure } from '../../../../../../src/protocol/errors.ts';

const HASH = 'a'.repeat(64);
const OPEN: Approval = approvalSchema.parse({
  ...{ id: 'a_0123456789ab', sessionId: 's_0123456789ab', kind: 'execute', title: 'npm test' },
  ...{ hash: HASH, call: { tool: 'bash', input: {}, locations: [], diff: [] }, options: [] },
  ...{ createdAt: '2026-11-21T14:02:00.000Z', expiresAt: null },
  risk: { level: 'low', marks: [] },
});
const ASKED: Asked = {
  ...{ host: 'H', approvalId: OPEN.id, sessionId: OPEN.sessionId, hash: HASH, allow: true },
};

/** A host with this approval open; `break` cuts the channel behind what was sent, once. */
class ScriptedHost {
  open: unknown[] = [OPEN];
  role: Role = 'approver';
  answer: unknown = { outcome: 'decided', receipt: 'delivered' };
  events: unknown[] = [];
  breaks = 0;
  failure: Error | null = null;
  readonly sent: { readonly commandId: unknown; readonly choice: unknown }[] = [];

  async talk<T>(work: (talk: Talk) => Promise<T>): Promise<T> {
    const talk: Talk = {
      role: this.role,
      ask: async (method, params, result) => {
        if (this.failure !== null) throw this.failure;
        if (method === 'approval.list') return result.parse({ approvals: this.open });
        if (method === 'session.events') return result.parse({ events: this.events });
        const { commandId, choice } = params as { commandId: unknown; choice: unknown };
        this.sent.push({ commandId, choice });
        if (this.breaks-- > 0) {
          this.open = [];
          throw new Error('the line broke');
        }
        return result.parse(this.answer);
      },
    };
    try {
      return await work(talk);
    } catch (error) {
      if (error instanceof RpcFailure || error instanceof ConnectionRefused) throw error;
      if (this.breaks < 0) throw error;
      return await work(talk);
    }
  }

  async decide(change: Partial<Asked> = {}): Promise<Outcome> {
    return await decideAsked(
      { ...ASKED, ...change },
      {
        talk: async (work) => await this.talk(work),
        // What it signs is looked at in its own test.
        signer: {
          decide: async (approval, decision) => ({
            ...decision,
            ...{ approvalId: approval.id, hash: approval.hash },
          }),
        },
        commandId: newCommandId(),
      },
    );
  }
}

const of = (change: object): unknown => ({ ...OPEN, ...change });

test('the open call that was shown is decided, and what becomes of it is said', async () => {
  const host = new ScriptedHost();
  expect(await host.decide()).toEqual({ kind: 'decided', title: 'npm test', delivered: true });
  host.answer = { outcome: 'decided', receipt: 'decided' };
  expect(await host.decide({ allow: false })).toEqual({
    ...{ kind: 'decided', title: 'npm test', delivered: false },
  });
  expect(host.sent.map(({ choice }) => choice)).toEqual([{ allow: true }, { allow: false }]);
});

test('what needs more than a tap leads to the card, and nothing is sent', async () => {
  const why = async (change: object, role: Role = 'approver'): Promise<unknown> => {
    const host = new ScriptedHost();
    host.open = [of(change)];
    host.role = role;
    const outcome = await host.decide();
    expect(host.sent).toEqual([]);
    return outcome.kind === 'toCard' ? outcome.why : outcome;
  };
  expect([
    await why({ hash: 'b'.repeat(64) }),
    await why({ kind: 'question' }),
    await why({}, 'viewer'),
    await why({ decider: { role: 'operator', fresh: false } }),
    await why({ decider: { role: 'approver', fresh: true } }),
    await why({ risk: { level: 'high', marks: [] } }),
    await why({ risk: { level: 'something newer', marks: [] } }),
    await why({ risk: undefined }),
  ]).toEqual(['other', 'other', 'role', 'role', 'fresh', 'risk', 'risk', 'risk']);
});

test('to refuse needs neither a passkey nor an operator', async () => {
  const host = new ScriptedHost();
  host.open = [of({ decider: { role: 'operator', fresh: true } })];
  expect(await host.decide({ allow: false })).toMatchObject({ kind: 'decided' });
});

test('a channel that breaks behind the decision costs no second one, and no receipt', async () => {
  const host = new ScriptedHost();
  host.breaks = 1;
  expect(await host.decide()).toEqual({ kind: 'decided', title: 'npm test', delivered: true });
  expect(new Set(host.sent.map(({ commandId }) => commandId)).size).toBe(1);
  expect(host.sent).toHaveLength(2);
});

test('what is not open any more names who was first, where that can be told', async () => {
  const host = new ScriptedHost();
  host.open = [];
  expect(await host.decide()).toEqual({ kind: 'earlier', by: null, allowed: null });
  host.events = [
    { type: 'newer than this page' },
    { type: 'approval.decided', approvalId: 'a_ffffffffffff', allowed: true, by: 'window' },
    { type: 'approval.decided', approvalId: OPEN.id, allowed: false, by: 'window' },
  ];
  expect(await host.decide()).toEqual({ kind: 'earlier', by: 'window', allowed: false });
  expect(await host.decide({ sessionId: undefined } as never)).toMatchObject({ by: null });
  host.open = [OPEN];
  host.answer = { outcome: 'superseded', receipt: null };
  expect(await host.decide()).toMatchObject({ kind: 'earlier', by: 'window' });
});

test('each other answer of the host has an end of its own', async () => {
  const host = new ScriptedHost();
  const after = async (outcome: string): Promise<Outcome> => {
    host.answer = { outcome, receipt: null };
    return await host.decide();
  };
  expect([await after('expired'), await after('notAllowed'), await after('notThisCall')]).toEqual([
    { kind: 'expired' },
    { kind: 'toCard', why: 'role' },
    { kind: 'toCard', why: 'other' },
  ]);
});

test('only what may have arrived is called not known', async () => {
  const host = new ScriptedHost();
  host.breaks = 9;
  host.talk = async (work) =>
    (await ScriptedHost.prototype.talk.call(host, work).catch(() => {
      throw new Error('no time left');
    })) as never;
  expect(await host.decide()).toEqual({ kind: 'failed', wasSent: true, why: null });
  const away = new ScriptedHost();
  away.failure = new Error('no network');
  expect(await away.decide()).toEqual({ kind: 'failed', wasSent: false, why: null });
  away.failure = new ConnectionRefused('The pairing of this device was ended on the computer.');
  expect(await away.decide()).toEqual({
    ...{ kind: 'failed', wasSent: false },
    why: 'The pairing of this device was ended on the computer',
  });
  away.failure = new RpcFailure('refused', 'The disk is full.');
  expect(await away.decide()).toEqual({ kind: 'failed', wasSent: false, why: 'The disk is full' });
});
