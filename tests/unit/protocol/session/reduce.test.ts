import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventBody, SessionEvent } from '../../../../src/protocol/session/events.ts';
import { reduce } from '../../../../src/protocol/session/reduce.ts';
import {
  sessionStateFoldSchema,
  summaryOf,
  sessionSummarySchema,
  type SessionState,
} from '../../../../src/protocol/session/state.ts';
import { arbitraryHistory, createdBody, numbered } from '../arbitrary-history.ts';

function fold(
  events: readonly SessionEvent[],
  from: SessionState | null = null,
): SessionState | null {
  return events.reduce<SessionState | null>((state, event) => reduce(state, event), from);
}

const started: EventBody = {
  type: 'agent.started',
  instance: 'i_aaaaaaaaaaa1' as never,
  name: 'Demo',
  version: '1',
  agentSession: 'x',
  loaded: false,
  accepts: { images: false, load: true },
};
const commandId = '01890a5d-ac96-774b-bcce-b302099a8001' as never;
const queued: EventBody = {
  type: 'prompt.queued',
  commandId,
  prompt: [{ type: 'text', text: 'hi' }],
  by: 'cli',
};

function stateAfter(...bodies: EventBody[]): string | undefined {
  return fold(numbered([createdBody, ...bodies]))?.state;
}

test('replaying any part of what was folded changes nothing', () => {
  fc.assert(
    fc.property(arbitraryHistory, fc.nat(), (events, at) => {
      const whole = fold(events);
      expect(fold(events.slice(at % events.length), whole)).toEqual(whole);
      expect(fold(events, whole)).toBe(whole);
    }),
  );
});

test('folding in two parts equals folding at once', () => {
  fc.assert(
    fc.property(arbitraryHistory, fc.nat(), (events, at) => {
      const cut = 1 + (at % events.length);
      expect(fold(events.slice(cut), fold(events.slice(0, cut)))).toEqual(fold(events));
    }),
  );
});

test('every fold is a valid state, and survives JSON', () => {
  fc.assert(
    fc.property(arbitraryHistory, (events) => {
      const state = fold(events);
      if (state === null) throw new Error('no state');
      expect(sessionStateFoldSchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
      expect(sessionSummarySchema.parse(summaryOf(state))).toEqual(summaryOf(state));
    }),
  );
});

test('a session begins with session.created', () => {
  expect(() => fold(numbered([started]))).toThrow('first event must be session.created');
});

test('an event of a type that is not known only moves the number', () => {
  const [created] = numbered([createdBody]);
  // A newer host's event, as it would come off the disk or the wire.
  const unknown = {
    type: 'weather.changed',
    seq: 2,
    at: '2026-01-02T00:00:00.000Z',
  } as unknown as SessionEvent;
  const before = fold(created ? [created] : []);
  expect(fold([unknown], before)).toEqual({ ...before, lastSeq: 2, updatedAt: unknown.at });
});

test('the state is what a person would call it', () => {
  const start: EventBody = { type: 'turn.started', turn: 1, commandId };
  const approval = { id: 'a_aaaaaaaaaaa1', sessionId: 's_aaaaaaaaaaa1' } as never;
  const open: EventBody = { type: 'approval.opened', approval };
  const decided: EventBody = {
    type: 'approval.decided',
    approvalId: 'a_aaaaaaaaaaa1' as never,
    optionId: 'o',
    allowed: true,
    by: 'cli',
  };
  const end: EventBody = { type: 'turn.ended', turn: 1, outcome: 'completed' };
  expect({
    created: stateAfter(),
    started: stateAfter(started),
    queued: stateAfter(started, queued),
    running: stateAfter(started, queued, start),
    asking: stateAfter(started, queued, start, open),
    decided: stateAfter(started, queued, start, open, decided),
    done: stateAfter(started, queued, start, end),
    heldBack: stateAfter(
      started,
      queued,
      start,
      { ...queued, commandId: 'other' as never },
      { type: 'turn.ended', turn: 1, outcome: 'interrupted' },
    ),
    failed: stateAfter(started, {
      type: 'session.failed',
      problem: { message: 'gone', kind: 'exited' },
    }),
    ended: stateAfter(started, { type: 'session.ended', by: 'cli' }),
  }).toEqual({
    created: 'starting',
    started: 'idle',
    queued: 'working',
    running: 'working',
    asking: 'waiting',
    decided: 'working',
    done: 'idle',
    heldBack: 'idle',
    failed: 'failed',
    ended: 'ended',
  });
});
