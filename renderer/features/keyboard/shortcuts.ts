/** Everything that can be done by key. One table: the palette, tooltips and the help sheet read it. */
export const SHORTCUTS = {
  palette: { mod: true, code: 'KeyK' },
  newSession: { alt: true, code: 'KeyN' },
  home: { alt: true, code: 'KeyH' },
  nextSession: { alt: true, code: 'ArrowDown' },
  previousSession: { alt: true, code: 'ArrowUp' },
  sessionList: { alt: true, code: 'KeyS' },
  message: { alt: true, code: 'KeyM' },
  transcript: { alt: true, code: 'KeyT' },
  approval: { alt: true, code: 'KeyA' },
  allow: { alt: true, code: 'KeyY' },
  room: { alt: true, code: 'KeyR' },
  deny: { alt: true, code: 'KeyX' },
  batch: { alt: true, code: 'KeyB' },
  mode: { alt: true, code: 'KeyO' },
  side: { alt: true, code: 'KeyP' },
  attach: { alt: true, code: 'KeyI' },
  newest: { alt: true, code: 'KeyJ' },
  cancelTurn: { alt: true, code: 'Period' },
  rename: { code: 'F2' },
  adopt: { alt: true, shift: true, code: 'KeyN' },
  changes: { alt: true, code: 'KeyC' },
  land: { alt: true, shift: true, code: 'KeyL' },
  discard: { alt: true, shift: true, code: 'KeyD' },
  goOn: { alt: true, shift: true, code: 'KeyC' },
  resume: { alt: true, shift: true, code: 'KeyR' },
  stop: { alt: true, shift: true, code: 'KeyE' },
  archive: { alt: true, shift: true, code: 'KeyA' },
  pairPhone: { alt: true, shift: true, code: 'KeyP' },
  devices: { alt: true, shift: true, code: 'KeyS' },
  rules: { alt: true, shift: true, code: 'KeyU' },
  night: { alt: true, shift: true, code: 'KeyG' },
  log: { alt: true, shift: true, code: 'KeyO' },
  power: { alt: true, shift: true, code: 'KeyK' },
  attention: { alt: true, code: 'KeyW' },
  notify: { alt: true, shift: true, code: 'KeyM' },
  reach: { alt: true, shift: true, code: 'KeyH' },
  restart: { alt: true, shift: true, code: 'Period' },
  showArchived: { alt: true, shift: true, code: 'KeyV' },
  shortcuts: { mod: true, code: 'Slash' },
} as const satisfies Record<string, Combo>;
export type ShortcutName = keyof typeof SHORTCUTS;

export interface Combo {
  /** Ctrl, or ⌘ on a Mac. */
  readonly mod?: boolean;
  /** Alt; ⌥⌘ on a Mac, where ⌥ alone types letters. */
  readonly alt?: boolean;
  readonly shift?: boolean;
  /** `KeyboardEvent.code`: the place of the key, whatever the layout prints on it. */
  readonly code: string;
}

export type KeyPress = Pick<KeyboardEvent, 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'code'>;

export function matches(press: KeyPress, combo: Combo, isMac: boolean): boolean {
  const { mod = false, alt = false, shift = false } = combo;
  const wantsMeta = isMac && (mod || alt);
  const wantsCtrl = !isMac && mod;
  return (
    press.code === combo.code &&
    press.altKey === alt &&
    press.shiftKey === shift &&
    press.metaKey === wantsMeta &&
    press.ctrlKey === wantsCtrl
  );
}

export function shortcutOf(press: KeyPress, isMac: boolean): ShortcutName | null {
  for (const name of Object.keys(SHORTCUTS) as ShortcutName[])
    if (matches(press, SHORTCUTS[name], isMac)) return name;
  return null;
}

const KEY_WORDS: Record<string, string> = { ArrowDown: '↓', ArrowUp: '↑', Period: '.', Slash: '/' };

/** The keys as they are shown, each a word: `['Ctrl', 'K']`, `['⌘', 'K']`. */
export function keysOf(name: ShortcutName, isMac: boolean): string[] {
  const combo: Combo = SHORTCUTS[name];
  const key = KEY_WORDS[combo.code] ?? combo.code.replace(/^Key/, '');
  const held = isMac
    ? [combo.alt ? '⌥' : '', combo.shift ? '⇧' : '', combo.mod || combo.alt ? '⌘' : '']
    : [combo.mod ? 'Ctrl' : '', combo.alt ? 'Alt' : '', combo.shift ? 'Shift' : ''];
  return [...held.filter(Boolean), key];
}

/** For `aria-keyshortcuts`. */
export function ariaKeysOf(name: ShortcutName, isMac: boolean): string {
  const combo: Combo = SHORTCUTS[name];
  const key = combo.code.startsWith('Key')
    ? combo.code.slice(3)
    : combo.code === 'Period'
      ? '.'
      : combo.code === 'Slash'
        ? '/'
        : combo.code;
  const held = [
    combo.mod && !isMac ? 'Control' : '',
    isMac && (combo.mod || combo.alt) ? 'Meta' : '',
    combo.alt ? 'Alt' : '',
    combo.shift ? 'Shift' : '',
  ];
  return [...held.filter(Boolean), key].join('+');
}
