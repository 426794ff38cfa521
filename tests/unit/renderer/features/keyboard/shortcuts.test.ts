import { describe, expect, test } from 'vitest';
import {
  ariaKeysOf,
  keysOf,
  SHORTCUTS,
  shortcutOf,
  type Combo,
  type KeyPress,
  type ShortcutName,
} from '../../../../../renderer/features/keyboard/shortcuts.ts';

const NAMES = Object.keys(SHORTCUTS) as ShortcutName[];

function press(given: Partial<KeyPress>): KeyPress {
  return { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, code: '', ...given };
}

function pressOf(name: ShortcutName, isMac: boolean): KeyPress {
  const { code, mod = false, alt = false, shift = false }: Combo = SHORTCUTS[name];
  return press({
    code,
    altKey: alt,
    shiftKey: shift,
    ctrlKey: mod && !isMac,
    metaKey: isMac && (mod || alt),
  });
}

describe.each([
  ['Linux and Windows', false],
  ['a Mac', true],
])('shortcuts on %s', (_, isMac) => {
  test('each one is its own', () => {
    expect(NAMES.map((name) => shortcutOf(pressOf(name, isMac), isMac))).toEqual(NAMES);
  });

  test('none is a plain letter, which would be taken from the message box', () => {
    const plain = NAMES.filter((name) => shortcutOf(press({ code: SHORTCUTS[name].code }), isMac));
    expect(plain).toEqual(['rename']);
  });
});

describe('shortcuts', () => {
  test('AltGr, which types characters on Windows, is not Alt', () => {
    expect(shortcutOf(press({ code: 'KeyN', altKey: true, ctrlKey: true }), false)).toBeNull();
  });

  test('are shown as the keys say', () => {
    expect([keysOf('palette', false), keysOf('stop', false), keysOf('cancelTurn', false)]).toEqual([
      ['Ctrl', 'K'],
      ['Alt', 'Shift', 'E'],
      ['Alt', '.'],
    ]);
    expect([keysOf('palette', true), keysOf('stop', true)]).toEqual([
      ['⌘', 'K'],
      ['⌥', '⇧', '⌘', 'E'],
    ]);
  });

  test('are told to screen readers in their own words', () => {
    expect([ariaKeysOf('palette', false), ariaKeysOf('archive', true)]).toEqual([
      'Control+K',
      'Meta+Alt+Shift+A',
    ]);
  });
});
