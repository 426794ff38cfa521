import type { PowerState } from '../../protocol/power.ts';
import { short } from './menu-text.ts';
import { machineWords, whyNot } from './power-words.ts';
import type { MenuEntry, MenuLine } from './menu-entry.ts';

const HOUR_SEC = 3_600;
const WAYS = [
  ['off', 'Off'],
  ['idle', 'Idle only'],
  ['lid', 'Lid too'],
] as const;
/** The whole of it is in the window. */
const MAX_REASONS = 2;
const MAX_REASON_CHARS = 90;

/** The machine in one line: how it is, and below it what can be done about it, in ten lines at most. */
export function powerLine(power: PowerState | null): MenuLine {
  const label = machineWords(power);
  if (power === null) return { label };
  // There are 30 seconds: not the time to look for it in a menu below.
  if (power.sleepsAt !== null)
    return { label: `${label} — call off`, does: { do: 'sleepWhenDone', on: false } };
  const why = whyNot(power).slice(0, MAX_REASONS);
  const byHand = power.holds.filter(({ kind }) => kind === 'user').length;
  const below: MenuEntry[] = [
    ...why.map((text) => ({ label: short(text, MAX_REASON_CHARS) })),
    ...(why.length === 0 ? [] : ['separator' as const]),
    ...WAYS.map(([way, words]) => ({
      label: words,
      checked: power.policy.keepAwake === way,
      does: { do: 'keepAwake', way } as const,
    })),
    'separator',
    { label: 'Hold for 1 hour', does: { do: 'hold', forSec: HOUR_SEC } },
    { label: 'Hold for 2 hours', does: { do: 'hold', forSec: 2 * HOUR_SEC } },
    ...(byHand === 0
      ? []
      : [
          {
            label: byHand === 1 ? 'Release the hold' : `Release ${byHand} holds`,
            does: { do: 'releaseHolds' } as const,
          },
        ]),
    {
      label: 'Sleep when done',
      checked: power.sleepWhenDone,
      does: { do: 'sleepWhenDone', on: !power.sleepWhenDone },
    },
    'separator',
    { label: 'What holds it awake…', does: { do: 'openPower' } },
  ];
  return { label, below };
}
