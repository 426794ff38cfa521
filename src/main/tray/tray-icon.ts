import type { Lamp } from './tray-state.ts';

/** What the icon shows, by shape alone: `isSafe` puts the lamp on a closed lid. */
export interface Picture {
  readonly lamp: Lamp;
  readonly isSafe: boolean;
}

const NAMES: { readonly [L in Lamp]: string } = {
  idle: 'idle',
  working: 'working',
  needsYou: 'needs-you',
  problem: 'problem',
};

/** Panels that are dark whatever the theme of the windows is. */
const DARK_PANELS = /GNOME|Unity|XFCE|Pantheon|Budgie|X-Cinnamon/i;

/**
 * File name of a picture in `resources/tray`. macOS inverts a template image by itself;
 * elsewhere the picture must suit the panel: light strokes on a dark one. `desktop` is
 * XDG_CURRENT_DESKTOP, `isDark` what the windows' theme says.
 */
export function trayIconFile(
  { lamp, isSafe }: Picture,
  platform: NodeJS.Platform,
  isDark: boolean,
  desktop = '',
): string {
  const name = isSafe ? `${NAMES[lamp]}-safe` : NAMES[lamp];
  if (platform === 'darwin') return `${name}Template.png`;
  const isPanelDark = isDark || (platform === 'linux' && DARK_PANELS.test(desktop));
  const shade = isPanelDark ? 'light' : 'dark';
  // Windows draws its icons at 16 pixels, Linux panels at 22.
  return platform === 'win32' ? `${name}-${shade}-16.png` : `${name}-${shade}.png`;
}
