import { noPlatform } from './no-platform.ts';
import type { Platform } from './platform.ts';

/** How the system that this runs on is held awake. Making it asks the system nothing. */
export function platformHere(platform: NodeJS.Platform): Platform {
  return noPlatform(platform);
}
