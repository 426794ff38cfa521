import { describe, expect, test } from 'vitest';
import { decideMany } from '../../../../renderer/state/decide-many.ts';
import type { Answered, Decision } from '../../../../renderer/state/acts.ts';
import type { Approval, DecisionOutcome } from '../../../../src/protocol/approval/approval.ts';

/** Decides nothing: answers as told, and notes how many are under way at once. */
class Desk {
  readonly asked: [string, Decision][] = [];
  most = 0;
  #underway = 0;
  readonly #answers: Readonly<Record<string, DecisionOutcome | Error>>;

  constructor(answers: Readonly<Record<string, DecisionOutcome | Error>> = {}) {
    this.#answers = answers;
  }

  async decide({ id }: Approval, decision: Decision): Promise<Answered> {
    this.asked.push([id, decision]);
    this.#underway += 1;
    this.most = Math.max(this.most, this.#underway);
    await Promise.resolve();
    this.#underway -= 1;
    const answer = this.#answers[id] ?? 'decided';
    if (answer instanceof Error) throw answer;
    return { outcome: answer, receipt: null };
  }
}

const approvals = (n: number): Approval[] =>
  // Only the id is looked at.
  Array.from({ length: n }, (_, i) => ({ id: `a_${i}` }) as Approval);

describe('many decisions', () => {
  test('are sent each by itself, a few at a time, and each is told how it went', async () => {
    const desk = new Desk({ a_1: 'superseded', a_2: new Error('gone'), a_5: 'notThisCall' });
    const told: Record<string, string> = {};
    await decideMany(desk, approvals(9), { allow: true }, ({ id }, outcome) => {
      told[id] = outcome;
    });
    expect(told).toEqual({
      a_0: 'decided',
      a_1: 'superseded',
      a_2: 'failed',
      a_3: 'decided',
      a_4: 'decided',
      a_5: 'notThisCall',
      a_6: 'decided',
      a_7: 'decided',
      a_8: 'decided',
    });
    expect(desk.most).toBe(4);
    expect(desk.asked.every(([, decision]) => !('reason' in decision))).toBe(true);
  });

  test('give their reason once, with the first refusal that counts', async () => {
    const desk = new Desk({ a_0: 'superseded' });
    await decideMany(desk, approvals(4), { allow: false, reason: 'use pnpm' }, () => {});
    expect(desk.asked).toEqual([
      ['a_0', { allow: false, reason: 'use pnpm' }],
      ['a_1', { allow: false, reason: 'use pnpm' }],
      ['a_2', { allow: false }],
      ['a_3', { allow: false }],
    ]);
  });
});
