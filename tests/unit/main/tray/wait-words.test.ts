import { describe, expect, test } from 'vitest';
import { badgeOf, tooltipOf, type TrayState } from '../../../../src/main/tray/tray-state.ts';
import { WaitTeller } from '../../../../src/main/tray/wait-teller.ts';
import { trayMenu } from '../../../../src/main/tray/tray-menu.ts';
import { asks, pulse } from './attention-samples.ts';
import { session, state } from './tray-samples.ts';

const SINCE = Date.parse('2026-11-21T08:00:00.000Z');
const MIN = 60_000;
const waiting = [1, 2].map((n) => session(n, { state: 'waiting', interrupted: true }));

/** The tray as it is once that was looked at. */
function told(given: Partial<TrayState>, nowMs = SINCE): TrayState {
  let shown = state(given);
  new WaitTeller({
    state: () => shown,
    tell: (waiting) => void (shown = { ...shown, waiting }),
    nowMs: () => nowMs,
    inAMinute: () => {},
  }).look();
  return shown;
}

describe('the tooltip says what waits longest, and since when', () => {
  test.each<[string, Partial<TrayState>, number, string]>([
    ['one, at once', { sessions: waiting.slice(1) }, 59_999, '1 needs you: Mend the login.'],
    [
      'one',
      { sessions: waiting.slice(1) },
      12 * MIN + 59_000,
      '1 needs you for 12 min: Mend the login.',
    ],
    [
      'two, and what else goes on',
      { sessions: [...waiting, session(3)] },
      125 * MIN,
      '2 need you, longest for 2 h 5 min: Mend the login. 1 working.',
    ],
    [
      'for days',
      { sessions: waiting },
      72 * 60 * MIN,
      '2 need you, longest for 3 days: Mend the login.',
    ],
    // Nobody knows how long.
    [
      'a clock that was set back',
      { sessions: waiting },
      -MIN,
      '2 need you, longest: Mend the login.',
    ],
    ['an older host', { sessions: waiting, attention: null }, MIN, '2 need you.'],
    [
      'something finished',
      { sessions: [], attention: asks(SINCE, 'finished') },
      MIN,
      'All is quiet.',
    ],
  ])('%s', (_, given, agoMs, words) => {
    const attention = asks(SINCE, 'decision', 'question');
    expect(tooltipOf(told({ attention, ...given }, SINCE + agoMs))).toBe(words);
  });

  test('an agent that hangs is named, here and in the menu', () => {
    const one = told({ sessions: [session(1)], pulses: [pulse(1, 'hangs')] });
    const three = told({
      sessions: [1, 2, 3, 4].map((n) => session(n)),
      pulses: [1, 2, 3].map((n) => pulse(n, 'hangs')).concat(pulse(4, 'silent')),
    });
    expect([
      tooltipOf(one),
      tooltipOf(three),
      trayMenu(three)
        .flatMap((line) => (line === 'separator' ? [] : [line.label]))
        .slice(0, 4),
    ]).toEqual([
      '1 working. Session 1 does not answer.',
      '4 working. 3 agents do not answer: Session 1, Session 2 ….',
      [
        'Session 4 — silent',
        'Session 3 — does not answer',
        'Session 2 — does not answer',
        'Session 1 — does not answer',
      ],
    ]);
  });
});

test('the badge counts what asks for a person, and nothing while the host is away', () => {
  const attention = asks(SINCE, 'decision', 'failed', 'finished');
  expect([
    badgeOf(state({ attention })),
    badgeOf(state({ attention: null, sessions: waiting })),
    badgeOf(state({ attention, link: { kind: 'returning' } })),
  ]).toEqual([3, 2, 0]);
});

test('says once a minute how long something waits, and ticks for nothing else', () => {
  const said: string[] = [];
  const minutes: (() => void)[] = [];
  let nowMs = SINCE;
  let shown = state({ sessions: waiting.slice(1), attention: null });
  const teller = new WaitTeller({
    state: () => shown,
    tell: ({ needs }) => void said.push(needs),
    nowMs: () => nowMs,
    inAMinute: (again) => void minutes.push(again),
  });
  const pass = (): void => {
    nowMs += MIN;
    for (const again of minutes.splice(0)) again();
  };
  teller.look();
  const before = minutes.length;
  shown = { ...shown, attention: asks(SINCE, 'decision') };
  // However much changes meanwhile.
  for (let n = 0; n < 50; n += 1) teller.look();
  const during = minutes.length;
  pass();
  pass();
  shown = { ...shown, attention: asks(SINCE) };
  teller.look();
  pass();
  expect([before, during, minutes.length, said]).toEqual([
    0,
    1,
    0,
    [
      '',
      '1 needs you: Mend the login.',
      '1 needs you for 1 min: Mend the login.',
      '1 needs you for 2 min: Mend the login.',
      '',
    ],
  ]);
});
