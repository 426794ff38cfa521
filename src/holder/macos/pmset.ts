import type { Battery, Heat } from '../../protocol/power.ts';

/** What `pmset -g` says of "disablesleep": `null` when this is not what `pmset -g` prints. */
export function parseSleepDisabled(text: string): '0' | '1' | null {
  const found = /^\s*SleepDisabled\s+([01])\s*$/mu.exec(text)?.[1];
  if (found === '0' || found === '1') return found;
  // A Mac on which it was never set leaves the line out.
  return /^(?:System-wide power settings|Currently in use):/mu.test(text) ? '0' : null;
}

interface Source {
  readonly name: string;
  readonly percent: number;
}

/**
 * `pmset -g batt`. A UPS counts as a battery where there is no other. null: no battery, or none that
 * says how full it is.
 */
export function parseBattery(text: string): Battery | null {
  const from = /^Now drawing from '([^']+)'/mu.exec(text)?.[1];
  if (from === undefined) return null;
  const sources: Source[] = [...text.matchAll(/^ -(.+?)\s*(?:\(id=\d+\))?\t(\d{1,3})%/gmu)].map(
    ([, name = '', percent]) => ({ name, percent: Math.min(100, Number(percent)) }),
  );
  const internal = sources.filter(({ name }) => name.startsWith('InternalBattery'));
  const counted = internal.length > 0 ? internal : sources;
  if (counted.length === 0) return null;
  const sum = counted.reduce((total, { percent }) => total + percent, 0);
  return { percent: Math.round(sum / counted.length), onMains: from === 'AC Power' };
}

/** `pmset -g assertions`: whether this process keeps the Mac from idle sleep. null: not readable. */
export function parseAssertion(text: string, pid: number): boolean | null {
  if (!/^Assertion status system-wide:/mu.test(text)) return null;
  return text.split('\n').some(
    (line) =>
      new RegExp(`^\\s*pid ${pid}\\(`, 'u').test(line) &&
      /\s(?:PreventUserIdleSystemSleep|NoIdleSleepAssertion|PreventSystemSleep) named:/u.test(
        line,
      ) &&
      // What follows the quoted name; a name may hold such words itself.
      !/"[^"]*\((?:timed out|Suspended)\)[^"]*$/u.test(line),
  );
}

/** IOPM.h: 0 normal, 5 danger, 10 critical; on older Macs 100 warning, 110 trap; 255 unknown. */
const WARNING_LEVELS: Readonly<Record<number, Heat['level']>> = {
  0: 'nominal',
  5: 'serious',
  10: 'critical',
  100: 'serious',
  110: 'critical',
};

/**
 * `pmset -g therm`. Only Intel Macs say something here. A lower clock alone is nothing to stop for:
 * under full load it is the rule.
 */
export function parseTherm(text: string): Heat['level'] {
  const warning = /Thermal Warning Level = (\d+)/u.exec(text)?.[1];
  const level = warning === undefined ? undefined : WARNING_LEVELS[Number(warning)];
  if (level != null && level !== 'nominal') return level;
  const limit = /CPU_Speed_Limit\s+= (\d+)/u.exec(text)?.[1];
  if (limit === undefined) return level ?? null;
  return Number(limit) < 100 ? 'fair' : 'nominal';
}

const STATES: readonly Heat['level'][] = ['nominal', 'fair', 'serious', 'critical'];

/** A bare 0 to 3, as NSProcessInfo.thermalState has it. */
export function parseThermalState(text: string): Heat['level'] {
  const state = /^\s*([0-3])\s*$/u.exec(text)?.[1];
  return state === undefined ? null : (STATES[Number(state)] ?? null);
}

/** The hotter of two; what is not known counts less than anything. */
export function worse(one: Heat['level'], other: Heat['level']): Heat['level'] {
  return STATES.indexOf(one) >= STATES.indexOf(other) ? one : other;
}

/** What a line of `pmset -g pslog` says. */
export function parsePowerLog(line: string): 'sleeping' | 'woke' | 'source' | null {
  if (line.includes('IORegisterForSystemPower: ...Sleeping')) return 'sleeping';
  if (line.includes('IORegisterForSystemPower: ...HasPoweredOn')) return 'woke';
  return /Now drawing from|\t\d{1,3}%|com\.apple\.system\.(?:powersources|lowbattery)/u.test(line)
    ? 'source'
    : null;
}
