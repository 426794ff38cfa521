import { describe, expect, test } from 'vitest';
import { pulseOf, type AgentFacts } from '../../../../src/host/reach/pulse.ts';
import type { Pulse } from '../../../../src/protocol/reach.ts';
import { approval } from '../../main/tray/tray-samples.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const agoMs = (ms: number): string => new Date(NOW - ms).toISOString();
const TURN = { turn: 1, startedAt: agoMs(600_000), endedAt: null, outcome: null };

type State = Parameters<typeof pulseOf>[0];
const working = (given: Partial<State> = {}): State => ({
  state: 'working',
  heardAt: agoMs(60_000),
  openTools: [],
  approvals: [],
  turn: TURN,
  ...given,
});
const facts = (given: Partial<AgentFacts> = {}): AgentFacts => ({
  stopped: false,
  connections: 1,
  unansweredMs: null,
  ...given,
});
const of = (state: State, given: AgentFacts | null): Pulse => pulseOf(state, given, NOW).pulse;

describe('what an agent is doing', () => {
  test.each<[string, State, AgentFacts | null, Pulse]>([
    ['without a process', working(), null, 'gone'],
    ['heard of just now', working({ heardAt: agoMs(5_000) }), facts(), 'working'],
    [
      'with a tool of it open',
      working({ openTools: ['t'] }),
      facts({ connections: 0 }),
      'runsTool',
    ],
    ['quiet, with a connection', working(), facts(), 'waitsForModel'],
    ['quiet, without one', working(), facts({ connections: 0 }), 'silent'],
    ['quiet, where nothing is seen', working(), facts({ connections: null }), 'waitsForModel'],
    [
      'quiet for long, where nothing is seen',
      working({ heardAt: agoMs(400_000) }),
      facts({ connections: null }),
      'silent',
    ],
    [
      'quiet for an hour, with a connection',
      working({ heardAt: agoMs(3_600_000) }),
      facts(),
      'waitsForModel',
    ],
    ['that does not answer', working(), facts({ unansweredMs: 21_000 }), 'hangs'],
    ['that is late with its answer', working(), facts({ unansweredMs: 5_000 }), 'waitsForModel'],
    ['that is stopped', working(), facts({ stopped: true }), 'hangs'],
    ['that has asked', working({ approvals: [approval(1)] }), facts(), 'waitsForYou'],
    [
      'that has asked, and hangs',
      working({ approvals: [approval(1)] }),
      facts({ stopped: true }),
      'hangs',
    ],
    ['at rest', working({ state: 'idle', turn: { ...TURN, endedAt: agoMs(0) } }), facts(), 'idle'],
    ['at rest before its first turn', working({ state: 'idle', turn: null }), facts(), 'idle'],
    ['that starts', working({ state: 'starting', turn: null }), facts(), 'working'],
    ['heard of in the future', working({ heardAt: agoMs(-3_600_000) }), facts(), 'working'],
  ])('%s', (_, state, given, expected) => {
    expect(of(state, given)).toBe(expected);
  });

  test('is said with what it is told by', () => {
    expect(pulseOf(working(), facts({ unansweredMs: 65_000 }), NOW).because).toBe(
      'Its process runs and has not answered for 65 s.',
    );
  });
});
