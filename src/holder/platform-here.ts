import { noPlatform } from './no-platform.ts';
import { linuxPlatform } from './platform-here.linux.ts';
import { macosPlatform } from './platform-here.macos.ts';
import { windowsPlatform } from './platform-here.windows.ts';
import type { Platform } from './platform.ts';

/** How the system that this runs on is held awake. Making it asks the system nothing. */
export function platformHere(platform: NodeJS.Platform): Platform {
  switch (platform) {
    case 'linux':
      return linuxPlatform();
    case 'darwin':
      return macosPlatform();
    case 'win32':
      return windowsPlatform();
    default:
      return noPlatform(platform);
  }
}
