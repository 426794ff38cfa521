import { describe, expect, test } from 'vitest';
import { FollowedSession } from '../../../src/connection/followed-session.ts';
import { epochSchema, sessionIdSchema } from '../../../src/protocol/ids.ts';
import { ACK_EVERY_EVENTS, ACK_EVERY_MS } from '../../../src/protocol/limits.ts';
import type { FollowResult } from '../../../src/protocol/methods.ts';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import { FakeTimers } from '../../fakes/fake-timers.ts';

const sessionId = sessionIdSchema.parse('s_000000000001');
const epoch = epochSchema.parse('e');

function said(seq: number, from?: number): SessionEvent {
  const at = '2026-11-21T08:00:00.000Z';
  return { type: 'agent.text', text: `${seq}`, seq, at, ...(from !== undefined && { from }) };
}

function followed(lastSeq: number) {
  const timers = new FakeTimers();
  const acknowledged: number[] = [];
  const session = new FollowedSession(sessionId, timers, (seq) => acknowledged.push(seq));
  // Only what it reads of the answer.
  session.restart({ epoch, state: { lastSeq } } as FollowResult);
  return { session, timers, acknowledged };
}

describe('a followed session', () => {
  test('has nothing to continue from before its first answer', () => {
    const session = new FollowedSession(sessionId, new FakeTimers(), () => {});
    expect(session.position).toEqual({});
  });

  test('goes on from where its surface kept it, and acknowledges only what comes after', () => {
    const acknowledged: number[] = [];
    const timers = new FakeTimers();
    const session = new FollowedSession(sessionId, timers, (seq) => acknowledged.push(seq), {
      epoch,
      cursor: 7,
    });
    expect(session.position).toEqual({ epoch, cursor: 7 });
    expect(session.take([said(7)])).toEqual({ kind: 'events', events: [] });
    expect(session.take([said(9)])).toEqual({ kind: 'gap' });
    expect(session.take([said(8)])).toEqual({ kind: 'events', events: [said(8)] });
    timers.advance(ACK_EVERY_MS);
    expect(acknowledged).toEqual([8]);
  });

  test('drops what it has seen and goes on from there', () => {
    const { session } = followed(3);
    expect(session.take([said(2), said(3), said(4), said(5)])).toEqual({
      kind: 'events',
      events: [said(4), said(5)],
    });
    expect(session.position).toEqual({ epoch, cursor: 5 });
  });

  test('takes a merged event that continues exactly where it stands', () => {
    const { session } = followed(3);
    expect(session.take([said(9, 4)])).toEqual({ kind: 'events', events: [said(9, 4)] });
  });

  test.each([
    ['an event is missing', [said(5)]],
    ['one is missing in the middle', [said(4), said(6)]],
    ['a merged event reaches back over what it has', [said(6, 2)]],
  ])('notices that %s, and keeps its place', (_, events) => {
    const { session } = followed(3);
    expect(session.take(events)).toEqual({ kind: 'gap' });
    expect(session.position).toEqual({ epoch, cursor: 3 });
  });

  test('acknowledges after a while what came last', () => {
    const { session, timers, acknowledged } = followed(0);
    session.take([said(1)]);
    timers.advance(ACK_EVERY_MS - 1);
    session.take([said(2)]);
    expect(acknowledged).toEqual([]);
    timers.advance(1);
    expect([acknowledged, timers.pendingMs]).toEqual([[2], []]);
  });

  test('acknowledges at once when many came', () => {
    const { session, timers, acknowledged } = followed(0);
    session.take(Array.from({ length: ACK_EVERY_EVENTS }, (_, i) => said(i + 1)));
    expect([acknowledged, timers.pendingMs]).toEqual([[ACK_EVERY_EVENTS], []]);
  });

  test('acknowledges nothing more once it is stopped', () => {
    const { session, timers, acknowledged } = followed(0);
    session.take([said(1)]);
    session.stop();
    timers.advance(ACK_EVERY_MS * 2);
    expect(acknowledged).toEqual([]);
  });
});
