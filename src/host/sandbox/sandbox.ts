import type { Sandbox } from './confiner.ts';
import { LinuxSandbox, type LinuxNeeds } from './sandbox.linux.ts';
import { MacosSandbox } from './sandbox.macos.ts';
import { WindowsSandbox } from './sandbox.windows.ts';

/** What of this platform keeps an agent's process in its folder. */
export function sandboxFor(platform: NodeJS.Platform, needs: LinuxNeeds): Sandbox {
  if (platform === 'linux') return new LinuxSandbox(needs);
  if (platform === 'darwin') return new MacosSandbox();
  return new WindowsSandbox();
}
