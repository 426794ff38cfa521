import { expect, test } from 'vitest';
import {
  DEFAULT_POLICY,
  LIMIT_JITTER_MS,
  NETWORK_PAUSE_MS,
  nextStep,
  type RecoveryPolicy,
  type TurnEnd,
} from '../../../../src/host/sessions/recovery.ts';
import type { Problem } from '../../../../src/protocol/session/events.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const MINUTE = 60_000;
const network: Problem = { kind: 'network', message: 'fetch failed' };
const limit = (resetsAt?: string): Problem => ({
  kind: 'limit',
  message: 'Used up.',
  ...(resetsAt && { resetsAt }),
});
const end = (part: Partial<TurnEnd>): TurnEnd => ({
  outcome: 'failed',
  problem: null,
  wasRetried: false,
  autoContinues: 0,
  ...part,
});
const step = (part: Partial<TurnEnd>, policy: Partial<RecoveryPolicy> = {}, random = 0) =>
  nextStep(end(part), { ...DEFAULT_POLICY, ...policy }, NOW, random);

test('a turn that ended as turns end has no sequel', () => {
  for (const outcome of ['completed', 'cancelled', 'refused', 'limited'] as const)
    expect(step({ outcome }, { afterInterruption: 'continue' })).toEqual({ do: 'nothing' });
  expect(step({ problem: { kind: 'signIn', message: 'Sign in.' } })).toEqual({ do: 'nothing' });
  expect(step({ problem: { kind: 'other', message: 'No.' } })).toEqual({ do: 'nothing' });
});

test('a cut turn is offered; by policy it goes on, so often as the budget allows', () => {
  const policy = { afterInterruption: 'continue' } as const;
  const cut = { outcome: 'interrupted' } as const;
  expect(step(cut)).toEqual({ do: 'offer' });
  expect(step({ ...cut, autoContinues: 2 }, policy)).toMatchObject({ do: 'goOn' });
  expect(step({ ...cut, autoContinues: 3 }, policy)).toEqual({ do: 'offer' });
  expect(step(cut, { ...policy, tries: 0 })).toEqual({ do: 'offer' });
});

test('an agent that was ended because it is broken is not started over by itself', () => {
  const policy = { afterInterruption: 'continue' } as const;
  const ended = (kind: Problem['kind']) =>
    step({ outcome: 'interrupted', problem: { kind, message: '' } }, policy).do;
  expect([ended('exited'), ended('garbage'), ended('oversize'), ended('timeout')]).toEqual([
    'goOn',
    'offer',
    'offer',
    'offer',
  ]);
});

test('what broke on the network is tried once more after a moment, and no more', () => {
  expect(step({ problem: network })).toEqual({
    do: 'park',
    untilMs: NOW + NETWORK_PAUSE_MS,
    reason: 'The way to the model broke. It is tried once more.',
    attempt: 1,
  });
  expect(step({ problem: network, wasRetried: true })).toEqual({ do: 'offer' });
  expect(step({ problem: network }, { afterNetworkError: 'offer' })).toEqual({ do: 'offer' });
  expect(step({ problem: network, autoContinues: 3 })).toEqual({ do: 'offer' });
});

test('a limit with a time is waited for, and a little longer', () => {
  const problem = limit('2026-11-21T15:00:00.000Z');
  const resets = Date.parse('2026-11-21T15:00:00Z');
  expect(step({ problem })).toEqual({
    do: 'park',
    untilMs: resets,
    reason: 'Used up.',
    attempt: 1,
  });
  expect(step({ problem }, {}, 0.5)).toMatchObject({ untilMs: resets + LIMIT_JITTER_MS / 2 });
});

test('a limit that is still there when its time is over is asked for ever more rarely', () => {
  const problem = limit('2026-11-21T11:59:00.000Z');
  const waits = [0, 1, 2, 3, 4].map((autoContinues) => {
    const next = step({ problem, autoContinues }, { tries: 5 });
    return next.do === 'park' ? next.untilMs - NOW : next.do;
  });
  expect(waits).toEqual([30_000, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 60 * MINUTE]);
  expect(step({ problem, autoContinues: 3 })).toEqual({ do: 'offer' });
});

test('a limit without a time, with an impossible one, or by policy, is offered', () => {
  expect(step({ problem: limit() })).toEqual({ do: 'offer' });
  expect(step({ problem: limit('2027-11-21T15:00:00.000Z') })).toEqual({ do: 'offer' });
  expect(step({ problem: limit('never') })).toEqual({ do: 'offer' });
  const problem = limit('2026-11-21T15:00:00.000Z');
  expect(step({ problem }, { afterUsageLimit: 'offer' })).toEqual({ do: 'offer' });
});
