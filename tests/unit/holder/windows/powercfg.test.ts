import { describe, expect, it } from 'vitest';
import {
  parseActiveScheme,
  parseLidActions,
  parseLidPolicy,
  parseSchemes,
} from '../../../../src/holder/windows/powercfg.ts';
import {
  activeScheme,
  BALANCED,
  buttonsQuery,
  type Language,
  lidlessQuery,
  lidQuery,
  PERFORMANCE,
  policyQuery,
  schemes,
} from '../../../fakes/power-tools/recorded-windows.ts';

const LANGUAGES: readonly Language[] = ['english', 'german', 'japanese', 'chinese'];

describe('what powercfg prints', () => {
  it('says what the lid does, in any language', () => {
    expect(
      LANGUAGES.map((language) => [
        parseActiveScheme(activeScheme(language, BALANCED)),
        parseLidActions(lidQuery(language, BALANCED, { ac: 0, dc: 2 })),
        parseSchemes(schemes(language, [BALANCED, PERFORMANCE], PERFORMANCE)),
      ]),
    ).toEqual(LANGUAGES.map(() => [BALANCED, { ac: '0', dc: '2' }, [BALANCED, PERFORMANCE]]));
  });

  it('is read for the lid alone, whatever stands before and behind it', () => {
    expect([
      parseLidActions(buttonsQuery(BALANCED, { ac: 1, dc: 2 })),
      parseLidActions(lidQuery('english', BALANCED, { ac: 1, dc: 2 }).toUpperCase()),
    ]).toEqual([
      { ac: '1', dc: '2' },
      { ac: '1', dc: '2' },
    ]);
  });

  it('says nothing of a lid where there is none, or where it is not powercfg that speaks', () => {
    const cut = lidQuery('english', BALANCED, { ac: 1, dc: 2 }).split('Current DC')[0] ?? '';
    expect([lidlessQuery(BALANCED), '', 'Access denied', cut].map(parseLidActions)).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(parseActiveScheme('Unable to perform operation.')).toBeNull();
  });

  it('says what a group policy has decided', () => {
    expect([
      parseLidPolicy(policyQuery({ ac: 1, dc: 1 })),
      parseLidPolicy(policyQuery({ dc: 0 })),
      parseLidPolicy(policyQuery({})),
    ]).toEqual([
      { ac: '1', dc: '1' },
      { ac: null, dc: '0' },
      { ac: null, dc: null },
    ]);
  });
});
