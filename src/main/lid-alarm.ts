import type { LidReport, PowerState } from '../protocol/power.ts';

export interface Alarm {
  readonly title: string;
  readonly body: string;
}

/** How a person who has just closed the lid is reached: by ear, and by what stands there on opening. */
export interface AlarmWays {
  notify(alarm: Alarm): void;
  beep(): void;
}

/** Says so when the lid is closed while the light is off and something would be cut short. Once a closing. */
export class LidAlarm {
  readonly #ways: AlarmWays;
  #told: string | null = null;

  constructor(ways: AlarmWays) {
    this.#ways = ways;
  }

  lid(report: LidReport, power: PowerState | null): void {
    if (this.#told === report.closedAt) return;
    const alarm = alarmOf(report, power);
    if (alarm === null) return;
    this.#told = report.closedAt;
    this.#ways.beep();
    this.#ways.notify(alarm);
  }
}

/** null: nothing would be lost, or the person has said that nothing is to be held. */
export function alarmOf(
  { openedAt, wasSafe }: Pick<LidReport, 'openedAt' | 'wasSafe'>,
  power: PowerState | null,
): Alarm | null {
  if (openedAt !== null || wasSafe || power === null) return null;
  if (power.policy.keepAwake === 'off' || power.holds.length === 0) return null;
  if (isDocked(power)) return null;
  const [reason] = power.heldBack.length > 0 ? power.heldBack : power.reasons;
  return {
    title: 'The lid was closed while work goes on',
    body: [
      'The machine may sleep now, and the work with it.',
      reason?.text ?? '',
      reason?.code === 'lidNotWanted'
        ? 'Open the lid, or choose “Lid too” in the tray menu.'
        : 'Open the lid to go on.',
    ]
      .filter(Boolean)
      .join(' '),
  };
}

/** With a display of its own beside the lid's, and power for it, systems go on when the lid is closed. */
function isDocked({ externalDisplay, battery }: PowerState): boolean {
  return externalDisplay === true && battery?.onMains !== false;
}
