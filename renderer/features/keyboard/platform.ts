import { ariaKeysOf, keysOf, type ShortcutName } from './shortcuts.ts';

export function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}

export function keyWords(name: ShortcutName): string {
  return keysOf(name, isMac()).join(isMac() ? '' : ' ');
}

/** Props that say a control's shortcut, for eyes and for screen readers. */
export function withKeys(name: ShortcutName): { shortcut: string; 'aria-keyshortcuts': string } {
  return { shortcut: keyWords(name), 'aria-keyshortcuts': ariaKeysOf(name, isMac()) };
}
