import { describe, expect, test } from 'vitest';
import type { PowerState } from '../../../../src/protocol/power.ts';
import { DEFAULT_POWER_POLICY } from '../../../../src/protocol/power.ts';
import { powerLine } from '../../../../src/main/tray/power-menu.ts';
import { tooltipOf } from '../../../../src/main/tray/tray-state.ts';
import { Tray } from '../../../../src/main/tray/tray.ts';
import { powerSample as power, sessionHold, userHold } from '../../../support/power-samples.ts';
import { drawn, session, state } from './tray-samples.ts';

const held = {
  holds: [sessionHold(1), sessionHold(2)],
  idle: { wanted: true, effective: true, reason: null },
} satisfies Partial<PowerState>;
const safe = { ...held, safeToCloseLid: true, reasons: [] } satisfies Partial<PowerState>;
const relayAway = { code: 'relayAway', text: 'The relay does not answer.', fix: 'Look at it.' };

describe('the machine in the tray menu', () => {
  test('says how it is, and offers all that can be done about it', () => {
    const line = powerLine(
      power({
        ...held,
        policy: { ...DEFAULT_POWER_POLICY, keepAwake: 'lid' },
        holds: [...held.holds, userHold(), userHold({ id: 'u_2' })],
        lid: { wanted: true, effective: true, reason: null, fix: null, setUp: null },
        reasons: [relayAway, { code: 'b', text: 'Two' }, { code: 'c', text: 'Three' }],
        sleepWhenDone: true,
      }),
    );
    expect(drawn([line])).toEqual([
      'Awake; keep the lid open, 64 %',
      '  (The relay does not answer.)',
      '  (Two)',
      '  ---',
      '  Off {keepAwake off}',
      '  Idle only {keepAwake idle}',
      '  Lid too {keepAwake lid}',
      '  ---',
      '  Hold for 1 hour {hold 3600}',
      '  Hold for 2 hours {hold 7200}',
      '  Release 2 holds {releaseHolds}',
      '  Sleep when done {sleepWhenDone false}',
      '  ---',
      '  What holds it awake… {openPower}',
    ]);
    const ticked = line.below?.flatMap((entry) =>
      entry !== 'separator' && entry.checked === true ? [entry.label] : [],
    );
    expect(ticked).toEqual(['Lid too', 'Sleep when done']);
  });

  test('calls a sleep off with one click', () => {
    expect(drawn([powerLine(power({ sleepsAt: '2026-11-21T08:00:30.000Z' }))])).toEqual([
      'Goes to sleep in a moment, 64 % — call off {sleepWhenDone false}',
    ]);
  });

  test.each([
    [power({}), 'May sleep, 64 %'],
    [power({ ...held, idle: { ...held.idle, wanted: false } }), 'May sleep, 64 %'],
    [power({ ...held, heldBack: [relayAway] }), 'May sleep, 64 %'],
    [power(safe), 'Awake, lid may be closed, 64 %'],
    [power({ ...safe, lidClosed: true, battery: null }), 'Awake with the lid closed'],
    [power({ ...held, reasons: [relayAway] }), 'Awake; keep the lid open, 64 %'],
    [power({ ...held, lidClosed: true, reasons: [relayAway] }), 'Awake; open the lid, 64 %'],
    [power({ ...held, lidClosed: null, battery: null }), 'Awake'],
    [power({ ...held, idle: { ...held.idle, effective: false } }), 'Not held awake, 64 %'],
    [power({ ...held, idle: { ...held.idle, effective: null } }), 'Being held awake, 64 %'],
  ])('in words: %#', (given, words) => {
    expect(powerLine(given).label).toBe(words);
  });

  test('what the host says is shown as it is, in one line', () => {
    const sly = { code: 'x', text: `KDE\u202e acts\n${'on the lid '.repeat(40)}` };
    const lines = drawn([powerLine(power({ ...held, reasons: [sly] }))]);
    expect([lines[1]?.startsWith('  (KDE‹U+202E› acts'), lines[1]?.length]).toEqual([true, 94]);
  });
});

describe('the tooltip', () => {
  const says = (given: PowerState | null, sessions = [session(1), session(2)]): string =>
    tooltipOf(state({ sessions, power: given }));

  test.each([
    [power(safe), '2 working. Safe to close the lid.'],
    [
      power({ ...held, reasons: [relayAway] }),
      '2 working. Keep the lid open. The relay does not answer.',
    ],
    [
      power({ ...held, heldBack: [{ code: 'batteryLow', text: 'The battery is at 19 %.' }] }),
      '2 working. The machine may sleep. The battery is at 19 %.',
    ],
    [
      power({ ...held, idle: { wanted: true, effective: false, reason: 'It was refused.' } }),
      '2 working. The machine may sleep. It was refused.',
    ],
    [power({ ...held, lidClosed: null }), '2 working.'],
    [power({}), '2 working.'],
    [power({ sleepsAt: 'soon' }), '2 working. The machine goes to sleep in a moment.'],
    [null, '2 working.'],
  ])('says whether the lid may be closed: %#', (given, words) => {
    expect(says(given)).toBe(words);
  });

  test('says nothing of the lid when nothing holds the machine', () => {
    expect(says(power({}), [])).toBe('All is quiet.');
  });
});

test('the light goes out in the icon and the menu with the host that vouched for it', () => {
  const seen: string[] = [];
  const tray = new Tray(
    {
      show: ({ lamp, isSafe }) => void seen.push(`${lamp}${isSafe ? ', safe' : ''}`),
      tell: () => {},
      offer: (menu) =>
        void seen.push(...drawn(menu).filter((line) => /^\(?(?:Awake|Keep)/.test(line))),
    },
    (render) => render(),
  );
  tray.update({ link: { kind: 'connected' }, sessions: [session(1)], power: power(safe) });
  tray.update({ link: { kind: 'returning' } });
  expect(seen).toEqual([
    'working, safe',
    'Awake, lid may be closed, 64 %',
    'working',
    '(Keep awake: not known)',
  ]);
});
