import { linuxPolicy } from './policy-path.linux.ts';
import { macosPolicy } from './policy-path.macos.ts';
import { windowsPolicy } from './policy-path.windows.ts';
import type { Keepers } from './safe-read.ts';

/** Where an administrator's file is, and whose it must be. */
export interface PolicyPlace {
  readonly path: string;
  readonly keepers: Keepers;
}

/**
 * Never from the environment of a person or an agent: who may set it could point the host at a policy
 * of their own.
 */
export function policyPlaceFor(platform: NodeJS.Platform): PolicyPlace {
  if (platform === 'win32') return windowsPolicy();
  return platform === 'darwin' ? macosPolicy() : linuxPolicy();
}
