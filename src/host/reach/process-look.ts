import { linuxProcessLook } from './process-look.linux.ts';
import { macosProcessLook } from './process-look.macos.ts';
import { windowsProcessLook } from './process-look.windows.ts';
import type { LookAtProcesses } from './seen.ts';

export function processLook(platform: NodeJS.Platform): LookAtProcesses {
  if (platform === 'win32') return windowsProcessLook();
  return platform === 'darwin' ? macosProcessLook() : linuxProcessLook();
}
