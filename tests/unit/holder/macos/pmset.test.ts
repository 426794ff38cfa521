import { describe, expect, it } from 'vitest';
import {
  parseAssertion,
  parseBattery,
  parsePowerLog,
  parseSleepDisabled,
  parseTherm,
  parseThermalState,
  worse,
} from '../../../../src/holder/macos/pmset.ts';
import { parseRootDomain } from '../../../../src/holder/macos/root-domain.ts';
import {
  assertions,
  BATTERY,
  caffeinateLine,
  PMSET_FRESH,
  PMSET_OLD,
  pmset,
  POWER_LOG,
  rootDomain,
  THERM,
} from '../../../fakes/power-tools/recorded-macos.ts';

describe('what pmset prints', () => {
  it('says whether sleep is disabled, also where the line was never written, and not from other output', () => {
    expect(
      [
        pmset(1),
        pmset(0),
        PMSET_OLD,
        PMSET_FRESH,
        '',
        'Usage: pmset <options>\n',
        ' SleepDisabled\t\t2\n',
      ].map(parseSleepDisabled),
    ).toEqual(['1', '0', '1', '0', null, null, null]);
  });

  it('says how full the battery is and where power comes from', () => {
    expect(
      Object.fromEntries(Object.entries(BATTERY).map(([name, text]) => [name, parseBattery(text)])),
    ).toEqual({
      onBattery: { percent: 37, onMains: false },
      charging: { percent: 14, onMains: true },
      charged: { percent: 100, onMains: true },
      notCharging: { percent: 80, onMains: true },
      noEstimate: { percent: 99, onMains: false },
      old: { percent: 64, onMains: false },
      desktop: null,
      desktopOnUps: { percent: 87, onMains: false },
      laptopBesideUps: { percent: 58, onMains: true },
      twoBatteries: { percent: 60, onMains: false },
      withoutPercent: null,
    });
    expect(parseBattery('pmset: unavailable')).toBeNull();
  });

  it('lists an assertion of one process, and no other process with a like number', () => {
    const text = assertions([caffeinateLine(98_217, 4711)]);
    expect([98_217, 9_821, 8_217, 80, 145].map((pid) => parseAssertion(text, pid))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(parseAssertion('Usage: pmset <options>', 98_217)).toBeNull();
  });

  it('does not count an assertion that is suspended or timed out', () => {
    const texts = [' (Suspended)', '(timed out) ', ' '].map((after) =>
      assertions([caffeinateLine(98_217, 4711, ` ${after}`)]),
    );
    expect(texts.map((text) => parseAssertion(text, 98_217))).toEqual([false, false, true]);
  });

  it('says how hot it is, as far as a Mac says so', () => {
    expect(
      Object.fromEntries(Object.entries(THERM).map(([name, text]) => [name, parseTherm(text)])),
    ).toEqual({
      silicon: null,
      intel: 'nominal',
      throttled: 'fair',
      warned: 'serious',
      failed: null,
    });
    expect(['0\n', '1', '2\n', '3', '4', '', 'execution error'].map(parseThermalState)).toEqual([
      'nominal',
      'fair',
      'serious',
      'critical',
      null,
      null,
      null,
    ]);
    expect([worse(null, 'nominal'), worse('serious', 'fair'), worse(null, null)]).toEqual([
      'nominal',
      'serious',
      null,
    ]);
  });

  it('tells of sleep, waking and the source of power as they come', () => {
    expect(POWER_LOG.map(parsePowerLog).filter((said) => said !== null)).toEqual([
      'source',
      'source',
      'source',
      'source',
      'source',
      'sleeping',
      'woke',
    ]);
  });
});

describe('what the kernel says', () => {
  it('is read from the root domain, and not from anything else', () => {
    expect([
      parseRootDomain(rootDomain({ closed: true, disabled: true })),
      parseRootDomain(
        rootDomain({ closed: true, causesSleep: false, disabled: false, capabilities: 9 }),
      ),
      parseRootDomain(rootDomain({ closed: null, disabled: false })),
      parseRootDomain('  |   "AppleClamshellState" = Yes\n'),
      parseRootDomain(''),
    ]).toEqual([
      { lidClosed: true, lidCausesSleep: true, sleepDisabled: true, isDarkWake: false },
      { lidClosed: true, lidCausesSleep: false, sleepDisabled: false, isDarkWake: true },
      { lidClosed: null, lidCausesSleep: null, sleepDisabled: false, isDarkWake: false },
      null,
      null,
    ]);
  });
});
