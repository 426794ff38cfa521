import { describe, expect, test } from 'vitest';
import { approvalSchema } from '../../../src/protocol/approval/approval.ts';
import { commandIdSchema } from '../../../src/protocol/ids.ts';
import type { EventBody, SessionEvent } from '../../../src/protocol/session/events.ts';
import { violations } from '../../chaos/books.ts';
import type { Prompt } from '../../chaos/plan.ts';

const id = commandIdSchema.parse('01a1fd20-5f74-7366-be15-65f665a18d32');
const prompt: Prompt = {
  marker: 'p1-1-1',
  text: "SCRIPT:shell cmd=echo p1-1-1 >> '/marks'",
  allow: true,
  contested: false,
};
const asked = new Map([[id, prompt]]);
const ran = (times: number) => new Map([['p1-1-1', times]]);
const numbered = (...bodies: EventBody[]): SessionEvent[] =>
  bodies.map((body, index) => ({ ...body, seq: index + 1, at: '2026-01-01T00:00:00.000Z' }));

const approvalId = approvalSchema.shape.id.parse('a_000000000001');
// Only its id is looked at.
const opened = { type: 'approval.opened', approval: { id: approvalId } } as EventBody;
const decided: EventBody = {
  type: 'approval.decided',
  approvalId,
  optionId: 'yes',
  allowed: true,
  by: 'cli',
};
const queued: EventBody = { type: 'prompt.queued', commandId: id, prompt: [], by: 'cli' };
const begun: EventBody = { type: 'turn.started', turn: 1, commandId: id };
const done: EventBody = { type: 'tool.updated', toolCallId: 't', status: 'completed' };
const ended: EventBody = { type: 'turn.ended', turn: 1, outcome: 'completed' };
const cut: EventBody = { type: 'turn.ended', turn: 1, outcome: 'interrupted' };
const delivered: EventBody = { type: 'approval.delivered', approvalId };
const good = [queued, begun, opened, decided, delivered, done, ended];

describe('the books of a chaos run', () => {
  test('a turn as it should be breaks no rule', () => {
    expect(violations(numbered(...good), asked, ran(1))).toEqual([]);
  });

  test('a prompt that reached nobody may begin again', () => {
    const again: EventBody = { type: 'turn.started', turn: 2, commandId: id };
    const over: EventBody = { type: 'turn.ended', turn: 2, outcome: 'completed' };
    const events = numbered(queued, begun, cut, queued, again, opened, decided, done, over);
    expect(violations(events, asked, ran(1))).toEqual([]);
  });

  test.each<[string, EventBody[], number]>([
    ['the command of p1-1-1 ran 2 times', good, 2],
    ['the command of p1-1-1 is said to have run and did not', good, 0],
    ['the command of p1-1-1 ran and was not allowed', [queued, begun, ended], 1],
    ['approval a_000000000001 is neither decided nor closed', [queued, begun, opened, cut], 0],
    [
      'approval a_000000000001: 2 times decided, 0 delivered, 0 closed',
      [queued, begun, opened, decided, decided, cut],
      0,
    ],
    [`prompt ${id} was accepted and is not there`, [], 0],
    ['1 prompts still wait', [queued], 0],
    [
      `prompt ${id} waits again after its turn`,
      [...good, queued, { ...begun, turn: 2 }, { ...ended, turn: 2 }],
      1,
    ],
    [
      `prompt ${id} began unasked`,
      [queued, begun, cut, { ...begun, turn: 2 }, { ...cut, turn: 2 }],
      0,
    ],
    ['turn 1 has not ended', [queued, begun], 0],
  ])('tells that %s', (wrong, bodies, times) => {
    expect(violations(numbered(...bodies), asked, ran(times))).toEqual([wrong]);
  });

  test('tells a gap in the numbers', () => {
    const events = numbered(...good).filter(({ seq }) => seq !== 5);
    expect(violations(events, asked, ran(1))).toEqual(['event 5 has the number 6']);
  });
});
