import { describe, expect, it } from 'vitest';
import { table } from '../../../../src/cli/output/table.ts';
import { ago, duration, fit, jsonLine, visible, width } from '../../../../src/cli/output/text.ts';

describe('text for a terminal', () => {
  it('shows what would move the cursor or turn the order round', () => {
    expect(visible('a\r\nb\tc\u001b[31m\u009b\u202e\u2066')).toBe(
      'a\nb\tc‹U+001B›[31m‹U+009B›‹U+202E›‹U+2066›',
    );
  });

  it('is JSON that parses back to the same, without raw controls', () => {
    const value = { a: '\u001b\u009b\u202e\u2028é漢' };
    expect([JSON.parse(jsonLine(value)), jsonLine(value)]).toEqual([
      value,
      '{"a":"\\u001b\\u009b\\u202e\\u2028é漢"}',
    ]);
  });

  it('knows wide characters', () => {
    expect([width('abc'), width('漢字'), width('🙂'), fit('漢字漢字', 5), fit('abc', 3)]).toEqual([
      3,
      4,
      2,
      '漢字…',
      'abc',
    ]);
  });

  it('tells ages in one unit', () => {
    expect([0, 59.6, 3_599, 7_300, 200_000].map(duration)).toEqual([
      '0 s',
      '1 min',
      '59 min',
      '2 h',
      '2 d',
    ]);
    expect(ago('2026-11-21T08:00:00Z', Date.parse('2026-11-21T07:00:00Z'))).toBe('0 s ago');
  });

  it('aligns columns and cuts only the last one, only for a terminal', () => {
    const rows = [
      ['a', '漢', 'long long text'],
      ['bbb', 'c', ''],
    ];
    expect([table(['X', 'Y', 'Z'], rows), table(['X', 'Y', 'Z'], rows, 14)]).toEqual([
      'X    Y   Z\na    漢  long long text\nbbb  c',
      'X    Y   Z\na    漢  long…\nbbb  c',
    ]);
  });
});
