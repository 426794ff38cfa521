import { visibleLine } from '../../base/visible-text.ts';
import type { PowerState } from '../../protocol/power.ts';

/** "Awake, lid may be closed, 64 %": the machine in a line of the menu. */
export function machineWords(power: PowerState | null): string {
  if (power === null) return 'Keep awake: not known';
  const battery = power.battery === null ? '' : `, ${Math.round(power.battery.percent)} %`;
  return `${stateWords(power)}${battery}`;
}

function stateWords(power: PowerState): string {
  if (power.sleepsAt !== null) return 'Goes to sleep in a moment';
  if (!isHeld(power)) return 'May sleep';
  if (power.safeToCloseLid)
    return power.lidClosed === true ? 'Awake with the lid closed' : 'Awake, lid may be closed';
  if (power.idle.effective === false) return 'Not held awake';
  if (power.idle.effective === null) return 'Being held awake';
  if (!isLidAbout(power)) return 'Awake';
  return power.lidClosed === true ? 'Awake; open the lid' : 'Awake; keep the lid open';
}

/** Holds are there, and count. */
function isHeld({ holds, heldBack, idle }: PowerState): boolean {
  return holds.length > 0 && heldBack.length === 0 && idle.wanted;
}

/** A machine that has no lid needs no words about one. */
function isLidAbout({ lidClosed, lid }: PowerState): boolean {
  return lidClosed !== null || lid.wanted;
}

/** "Safe to close the lid.", or why not. Nothing where nothing holds the machine: it does as it always did. */
export function lidWords(power: PowerState | null): string {
  if (power === null) return '';
  if (power.sleepsAt !== null) return 'The machine goes to sleep in a moment.';
  if (power.safeToCloseLid) return 'Safe to close the lid.';
  if (power.holds.length === 0) return '';
  const why = whyNot(power)[0];
  if (!isHeld(power) || power.idle.effective === false)
    return ['The machine may sleep.', why].filter(Boolean).join(' ');
  return isLidAbout(power) ? ['Keep the lid open.', why].filter(Boolean).join(' ') : '';
}

/** Why holds do not count, or the light is off, as sentences; what helps stands in the window. */
export function whyNot(power: PowerState): string[] {
  if (power.safeToCloseLid) return [];
  const { idle, heldBack, reasons } = power;
  const refused = idle.wanted && idle.effective === false ? [idle.reason ?? ''] : [];
  const texts = [...heldBack, ...reasons].map(({ text }) => text);
  return [...new Set([...refused, ...texts])].filter(Boolean).map((text) => visibleLine(text));
}
