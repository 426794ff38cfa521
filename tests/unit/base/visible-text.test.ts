import { describe, expect, test } from 'vitest';
import {
  deceptionsIn,
  visibleLine,
  visibleParts,
  visibleText,
} from '../../../src/base/visible-text.ts';

describe('text that people decide by', () => {
  test.each([
    ['an escape sequence', 'ls \u001b[2K\u001b[1Grm -rf', 'ls ‹U+001B›[2K‹U+001B›[1Grm -rf'],
    ['a carriage return that overwrites', 'rm x\rls  ', 'rm x‹U+000D›ls  '],
    ['a backspace', 'ab\bc', 'ab‹U+0008›c'],
    ['NUL and DEL', '\u0000a\u007f', '‹U+0000›a‹U+007F›'],
    ['a C1 control', 'a\u009bb', 'a‹U+009B›b'],
    ['a right-to-left override', 'photo\u202egpj.exe', 'photo‹U+202E›gpj.exe'],
    [
      'isolates and marks of direction',
      '\u2066a\u2069\u200f\u061c',
      '‹U+2066›a‹U+2069›‹U+200F›‹U+061C›',
    ],
    ['characters of no width', 'pay\u200bpal\ufeff\u2060', 'pay‹U+200B›pal‹U+FEFF›‹U+2060›'],
    ['a soft hyphen', 'rm\u00ad', 'rm‹U+00AD›'],
    ['blanks that are not the blank', 'rm\u00a0-rf\u3000/', 'rm‹U+00A0›-rf‹U+3000›/'],
    ['letters without a shape', 'a\u3164b\u2800', 'a‹U+3164›b‹U+2800›'],
    ['line separators', 'a\u2028b\u2029', 'a‹U+2028›b‹U+2029›'],
    ['tag characters', 'ls\u{e0072}\u{e006d}', 'ls‹U+E0072›‹U+E006D›'],
    ['half of a pair', 'a\ud83d b', 'a‹U+D83D› b'],
    ['a Cyrillic letter among Latin ones', 'p\u0430ypal.com', 'p‹U+0430 а›ypal.com'],
    ['a Greek letter among Latin ones', 'git\u03bfhub', 'git‹U+03BF ο›hub'],
    ['a command all of look-alikes', '\u0441\u0440 a b', '‹U+0441 с›‹U+0440 р› a b'],
    ['full-width letters and signs', '\uff52\uff4d\uff1b', '‹U+FF52 ｒ›‹U+FF4D ｍ›‹U+FF1B ；›'],
    ['mathematical letters', '\u{1d5cc}udo', '‹U+1D5CC 𝗌›udo'],
    ['the Greek question mark', 'a\u037e b', 'a‹U+037E \u037e› b'],
    ['a pile of marks', `a${'\u0301'.repeat(6)}`, `a${'\u0301'.repeat(4)}‹U+0301›‹U+0301›`],
  ])('shows %s', (_, text, shown) => {
    expect(visibleText(text)).toBe(shown);
    expect(deceptionsIn(text)).not.toEqual([]);
  });

  test.each([
    'npm test -- --reporter=dot',
    'two\nlines\tand a tab',
    'Grüße, naïve café – “quoted” … 5 µm, Δx, x²',
    'Привет, мир: скопируй всё сюда',
    'Он сор',
    'Αυτό είναι ελληνικά',
    'שלום עולם',
    '修复构建',
    'नमस्ते दुनिया',
    'a family 👨‍👩‍👧 and a flag 🏳️‍🌈',
  ])('leaves “%s” alone', (text) => {
    expect(visibleParts(text)).toEqual([{ kind: 'plain', shown: text }]);
  });

  test('keeps the ends of lines, of either system', () => {
    expect(visibleText('ü\r\nb\n')).toBe('ü\nb\n');
    expect(visibleLine(' ü\r\n b\t\u202e ')).toBe('ü b ‹U+202E›');
  });

  test('of 4 MB takes no time that anybody notices', () => {
    const text = 'echo ü\u202e; '.repeat(350_000);
    const startedMs = performance.now();
    expect(visibleText(text)).toContain('‹U+202E›');
    expect(performance.now() - startedMs).toBeLessThan(8_000);
  });
});
