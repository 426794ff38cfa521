import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kconfigValue, kconfigWith } from '../../../../src/holder/linux/kconfig.ts';

const GROUP = '[AC][SuspendAndShutdown]';
const KEY = 'LidAction';
const set = (text: string, value: string | null): string => kconfigWith(text, GROUP, KEY, value);

describe('a file of KDE', () => {
  test('has one key changed, and every other byte stays', () => {
    const text = `[AC][Display]
LidAction=7

[AC][SuspendAndShutdown]
AutoSuspendAction=0
LidAction = 1
LidActionX=5

[Battery][SuspendAndShutdown]
LidAction=2
`;
    expect(kconfigValue(text, GROUP, KEY)).toBe('1');
    expect(set(text, '32')).toBe(text.replace('LidAction = 1', 'LidAction=32'));
    expect(set(text, null)).toBe(text.replace('LidAction = 1\n', ''));
  });

  test('gets a key at the end of its group, before the blank line', () => {
    expect(set(`${GROUP}\nAutoSuspendAction=0\n\n[Migration]\nx=1\n`, '32')).toBe(
      `${GROUP}\nAutoSuspendAction=0\nLidAction=32\n\n[Migration]\nx=1\n`,
    );
  });

  test.each(['', '[AC]\nicon=x\n', '[Migration]\nMigratedProfilesToPlasma6=powerdevilrc\n'])(
    'gets a group, which goes again with its only key: %j',
    (text) => {
      const changed = set(text, '32');
      expect([kconfigValue(changed, GROUP, KEY), set(changed, null)]).toEqual(['32', text]);
    },
  );

  test('says of a value that was written twice what KDE reads: the last', () => {
    expect(kconfigValue(`${GROUP}\nLidAction=1\nLidAction=64\n`, GROUP, KEY)).toBe('64');
  });

  test('of whatever content takes the value and gives it back, and nothing else of it changes', () => {
    const line = fc.oneof(
      fc.constantFrom(GROUP, '[AC]', `${GROUP}[x]`, '[]', '', '# LidAction=3', 'LidAction=1', 'a'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('0', '1', '32', '64'), (lines, value) => {
        const text = lines.join('\n');
        const before = kconfigValue(text, GROUP, KEY);
        const changed = set(text, value);
        expect(kconfigValue(changed, GROUP, KEY)).toBe(value);
        const back = set(changed, before);
        expect(kconfigValue(back, GROUP, KEY)).toBe(before);
        for (const group of ['[AC]', `${GROUP}[x]`])
          expect(kconfigValue(changed, group, KEY)).toBe(kconfigValue(text, group, KEY));
      }),
    );
  });
});
