import type { Home } from '../local/home.ts';
import { desktopEntryItem } from './login-item.linux.ts';
import { systemLoginItem, type LoginSettings } from './login-item.system.ts';

/** Whether the tray app is started when its user logs in at the desktop. */
export interface LoginItem {
  /** Read from the system each time: people change it there too. */
  isOn(): boolean;
  set(on: boolean): void;
  /** Follows an app that has moved. */
  mend(): void;
}

export interface LoginItemNeeds {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  readonly userFolder: string;
  /** What starts the app again: for an AppImage the image, since the rest is gone with us. */
  readonly program: string;
  /** Before ours: the app's folder in a checkout. */
  readonly args: readonly string[];
  readonly system: LoginSettings;
}

/**
 * The system's own ways, without a library: auto-launch names its Linux file after the program,
 * writes its path unquoted and takes an AppImage's mount for the program. Null where it cannot be.
 */
export function loginItem(platform: NodeJS.Platform, needs: LoginItemNeeds): LoginItem | null {
  return platform === 'linux' ? desktopEntryItem(needs) : systemLoginItem(platform, needs);
}
