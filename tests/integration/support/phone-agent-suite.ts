import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { EventBody } from '../../../src/protocol/session/events.ts';
import type { Rule } from '../../../src/protocol/rules/rule.ts';
import type { StubbedAgent } from '../../fakes/model-stub.ts';
import { firstChoices } from './first-choices.ts';
import { newCommandId } from './host-under-test.ts';
import { PhoneBeside } from './phone-beside.ts';
import { realAgent } from './real-agent.ts';

const TURN_LIMIT_MS = 60_000;
const NAME = 'Ada’s phone';
const REASON = 'The porch is painted already: look at porch.md first.';

export interface PhoneAgentTraits {
  readonly agent: StubbedAgent;
  /**
   * Its question comes as an elicitation, where `asksWith` says so only with this setting; else over
   * ACP it offers its model no tool that asks the person.
   */
  readonly asks: boolean;
  /** How it writes the file that “always” is about, where that is a command. */
  readonly writesByShell?: true;
  readonly asksWith?: { readonly option: string; readonly value: string };
}

/**
 * What a person does at a phone with a real agent, through the real relay and signed: one host, one
 * agent process and one phone for all of it, since each start costs seconds.
 */
export function phoneAgentSuite({ agent, asks, asksWith, writesByShell }: PhoneAgentTraits): void {
  const given: { phone?: PhoneBeside; enrolled?: ReturnType<typeof PhoneBeside.enrolled> } = {};
  const { host, stub, outcome } = realAgent(agent, {
    turnLimitMs: TURN_LIMIT_MS,
    before: (home) => (given.enrolled = PhoneBeside.enrolled(home, NAME)),
  });
  beforeAll(async () => (given.phone = await given.enrolled?.up()), TURN_LIMIT_MS);
  afterAll(() => given.phone?.stop());

  const phone = (): PhoneBeside => {
    if (given.phone === undefined) throw new Error('The phone is not up.');
    return given.phone;
  };
  const file = (name: string) => join(host.workspace, name);
  const begin = async (script: string): Promise<SessionId> =>
    await host.start(agent, `SCRIPT:${script}`);
  const card = async (id: SessionId) => await phone().card(id, TURN_LIMIT_MS);
  const facts = async <T extends EventBody['type']>(id: SessionId, type: T) =>
    (await host.events(id)).filter(
      (event): event is Extract<typeof event, { type: T }> => event.type === type,
    );
  const said = async (id: SessionId) =>
    (await facts(id, 'agent.text')).map(({ text }) => text).join('');

  describe(`${agent}, decided from a phone`, () => {
    test('allowed, it writes, and the phone is told that the agent has it', async () => {
      const id = await begin('edit');
      const approval = await card(id);
      expect(existsSync(file('hello.txt'))).toBe(false);
      const decided = await phone().device.decide(approval, { choice: { allow: true } });
      expect(decided).toMatchObject({ outcome: 'decided', receipt: 'delivered' });
      expect(await outcome(id)).toBe('completed');
      expect(readFileSync(file('hello.txt'), 'utf8')).toBe('Hello from the porch.\n');
      expect(await facts(id, 'approval.decided')).toMatchObject([
        { allowed: true, by: `device:${NAME}` },
      ]);
      rmSync(file('hello.txt'));
    });

    test('denied with a reason, it does not run, and its model reads the reason', async () => {
      const id = await begin('shell');
      expect(stub().heard(REASON)).toBe(false);
      const decision = { choice: { allow: false }, reason: REASON };
      const { outcome: decided } = await phone().device.decide(await card(id), decision);
      expect(decided).toBe('decided');
      await host.until(
        id,
        ({ turn, queue }) => turn?.turn === 2 && queue.length === 0,
        TURN_LIMIT_MS,
      );
      await host.turnEnded(id, 2, TURN_LIMIT_MS);
      expect(existsSync(file('shell.txt'))).toBe(false);
      expect(stub().heard(REASON)).toBe(true);
    });

    test('cancelled with the card open, nothing runs, and the late decision is told so', async () => {
      const id = await begin('env');
      const approval = await card(id);
      await phone().device.call('session.cancel', { sessionId: id, commandId: newCommandId() });
      expect(await outcome(id)).toBe('cancelled');
      const late = await phone().device.decide(approval, { choice: { allow: true } });
      expect(late.outcome).toBe('superseded');
      // Its shell would have needed a moment: the next turn is a fair wait.
      await host.send(id, 'SCRIPT:text');
      expect(await outcome(id, 2)).toBe('completed');
      expect(existsSync(file('env.txt'))).toBe(false);
    });

    test.runIf(asks)('its question is answered on the phone', async () => {
      const id = await host.start(agent);
      if (asksWith !== undefined)
        await phone().device.call('session.setOption', {
          ...{ sessionId: id, commandId: newCommandId() },
          ...asksWith,
        });
      await host.send(id, 'SCRIPT:question');
      const approval = await card(id);
      expect(approval.kind).toBe('question');
      const content = firstChoices(approval.call.input);
      expect(stub().heard('Blue')).toBe(false);
      expect((await phone().device.answer(approval, { content })).outcome).toBe('decided');
      expect(await outcome(id)).toBe('completed');
      expect(await said(id)).toContain('Thank you for the answer.');
      expect(stub().heard('Blue')).toBe(true);
    });

    test.runIf(!asks)('its model has no tool to ask the person with', async () => {
      const id = await begin('question');
      expect(await outcome(id)).toBe('completed');
      expect(await said(id)).toContain('This agent offers no tool to ask.');
      expect(phone().cards).toEqual([]);
    });

    test('a rule decides without asking, and the event names it', async () => {
      const { row } = await phone().device.call('rules.add', {
        commandId: newCommandId(),
        rule: { decision: 'deny', command: 'env', note: 'Secrets live there.' },
      });
      const id = await begin('env');
      await host.turnEnded(id, 1, TURN_LIMIT_MS);
      expect(existsSync(file('env.txt'))).toBe(false);
      expect(await facts(id, 'approval.decided')).toMatchObject([
        { allowed: false, rule: { source: 'user', id: row.id } },
      ]);
      expect(phone().cards).toEqual([]);
    });

    test('“always”, said on the phone, spares the next card', async () => {
      const script = writesByShell ? 'touch' : 'edit';
      const id = await begin(script);
      const approval = await card(id);
      const { proposals } = await phone().device.call('rules.propose', { approvalId: approval.id });
      const own: Rule = writesByShell
        ? { decision: 'allow', command: 'touch hello.txt' }
        : { decision: 'allow', path: 'hello.txt' };
      const rule = proposals[0]?.rule ?? own;
      const decided = await phone().device.decide(approval, { choice: { allow: true }, rule });
      expect(decided.outcome).toBe('decided');
      expect(await outcome(id)).toBe('completed');
      rmSync(file('hello.txt'));
      const next = await begin(script);
      expect(await outcome(next)).toBe('completed');
      expect(existsSync(file('hello.txt'))).toBe(true);
      expect(await facts(next, 'approval.decided')).toMatchObject([
        { allowed: true, rule: { source: 'user' } },
      ]);
      expect(phone().cards).toEqual([]);
    });
  });
}
