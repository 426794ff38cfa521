import { join } from 'node:path';
import type { LoginItem, LoginItemNeeds } from './login-item.ts';

/** Electron's `app`, as far as login items go. */
export interface LoginSettings {
  getLoginItemSettings(options?: { path?: string; args?: string[] }): { openAtLogin: boolean };
  setLoginItemSettings(settings: { openAtLogin: boolean; path?: string; args?: string[] }): void;
}

/**
 * macOS and Windows, through Electron. Neither can pass PORCHLIGHT_HOME on, so it is offered for
 * the default home only. Windows tells entries apart by program and arguments.
 */
export function systemLoginItem(
  platform: NodeJS.Platform,
  { home, userFolder, program, args, system }: LoginItemNeeds,
): LoginItem | null {
  if (home.root !== join(userFolder, '.porchlight')) return null;
  const which = platform === 'win32' ? { path: program, args: [...args, '--hidden'] } : {};
  return {
    isOn: () => system.getLoginItemSettings(which).openAtLogin,
    set: (on) => system.setLoginItemSettings({ ...which, openAtLogin: on }),
    mend: () => {
      // An installer keeps its place, and macOS follows a bundle that moves.
    },
  };
}
