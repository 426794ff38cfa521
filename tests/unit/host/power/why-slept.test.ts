import { expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import {
  SleepGrounds,
  whySlept,
  type SleepGround,
} from '../../../../src/host/power/sleep/why-slept.ts';
import {
  DEFAULT_POWER_POLICY,
  type Hold,
  type PowerState,
} from '../../../../src/protocol/power.ts';

const AT = '2026-11-21T14:00:00.000Z';
const hold: Hold = {
  ...{
    id: 's1',
    kind: 'working',
    reason: 'Refactor',
    since: AT,
    ageSec: 60,
    until: null,
    lid: false,
  },
};
/** Work, held idle, in effect, the lid open. */
const HELD: SleepGround = {
  holds: [hold],
  heldBack: [],
  idle: { wanted: true, effective: true, reason: null },
  lid: { wanted: false, effective: null, reason: null, fix: null, setUp: null },
  battery: { percent: 18.6, onMains: false },
  heat: { celsius: 93.2, level: null },
  lidClosed: false,
};
const lidWanted = { ...HELD.lid, wanted: true };
const back = (code: string, text = 'In words.') => ({ heldBack: [{ code, text }] });

test.each<[string, Partial<SleepGround> | null, string]>([
  ['nothing is known', null, 'Why is not known.'],
  ['there was no work', { holds: [] }, 'Nothing held the machine awake.'],
  [
    'there was no work, behind the lid',
    { holds: [], lidClosed: true },
    'The lid was closed, and nothing held the machine awake.',
  ],
  ['the battery', back('batteryLow'), 'The battery was at 19 %.'],
  ['heat', back('tooHot'), 'The machine was too hot: 93 °C.'],
  ['heat nobody can read', { ...back('tooHot'), heat: null }, 'The machine was too hot.'],
  ['mains only', back('onBattery'), 'It ran on battery, and is held awake on mains only.'],
  ['quiet hours', back('quietHours'), 'It was in the quiet hours.'],
  ['off', back('off'), 'Keeping awake is off.'],
  ['what a newer part says', back('moonPhase', 'The moon is full.'), 'The moon is full.'],
  [
    'the lid that was not held',
    { lidClosed: true },
    'The lid was closed, and the machine was not held awake with its lid closed.',
  ],
  [
    'the lid that was held in vain',
    { lidClosed: true, lid: { ...lidWanted, effective: false, reason: 'KDE acts on the lid.' } },
    'The lid was closed, and holding it awake was not in effect: KDE acts on the lid.',
  ],
  [
    'idle that was held in vain',
    { idle: { wanted: true, effective: false, reason: null } },
    'Holding it awake was not in effect.',
  ],
  ['somebody', {}, 'A person, or another program, put it to sleep.'],
  [
    'somebody, behind the lid that was held',
    { lidClosed: true, lid: { ...lidWanted, effective: true } },
    'A person, or another program, put it to sleep.',
  ],
])('why: %s', (_, change, words) => {
  expect(whySlept(change === null ? null : { ...HELD, ...change })).toBe(words);
});

const state = (change: Partial<PowerState>): PowerState => ({
  ...HELD,
  policy: DEFAULT_POWER_POLICY,
  ...{ safeToCloseLid: false, reasons: [], sleepWhenDone: false, sleepsAt: null },
  ...change,
});
function grounds(first: Partial<PowerState>) {
  const changed = new Emitter<PowerState>();
  let now = state(first);
  const clock = { ms: Date.parse(AT) };
  const all = new SleepGrounds({ changed, state: () => now }, () => clock.ms);
  const become = (change: Partial<PowerState>): void => changed.emit((now = state(change)));
  return { all, become, clock };
}

test('a lid whose closing is told after the sleep was announced counts, and that it opened later does not', () => {
  const { all, become } = grounds({});
  all.take();
  become({ lidClosed: true });
  become({ lidClosed: false });
  expect(all.why()).toBe(
    'The lid was closed, and the machine was not held awake with its lid closed.',
  );
});

test('a sleep that was asked for once the work was done is told from one that just came, or was called off', () => {
  const { all, become, clock } = grounds({ holds: [] });
  become({ holds: [], sleepsAt: AT });
  become({ holds: [], sleepsAt: null });
  all.take();
  const planned = all.why();
  clock.ms += 3_600_000;
  all.take();
  const later = all.why();
  become({ holds: [], sleepsAt: new Date(clock.ms + 30_000).toISOString() });
  become({ holds: [], sleepsAt: null });
  all.take();
  expect([planned, later, all.why()]).toEqual([
    'The work was done, and it was to sleep then.',
    'Nothing held the machine awake.',
    'Nothing held the machine awake.',
  ]);
});
