import type { Lamp } from './tray-state.ts';

const NAMES: { readonly [L in Lamp]: string } = {
  idle: 'idle',
  working: 'working',
  needsYou: 'needs-you',
  problem: 'problem',
};

/**
 * File name of a lamp's picture in `resources/tray`. macOS inverts a template image by itself;
 * elsewhere the picture must suit the panel: light strokes on a dark one.
 */
export function trayIconFile(lamp: Lamp, platform: NodeJS.Platform, isDark: boolean): string {
  const name = NAMES[lamp];
  if (platform === 'darwin') return `${name}Template.png`;
  return `${name}-${isDark ? 'light' : 'dark'}.png`;
}
