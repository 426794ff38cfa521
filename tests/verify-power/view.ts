import type { RunTool } from '../../src/local/run-tool.ts';
import type { SystemView } from './rig.ts';
import { linuxView } from './view.linux.ts';
import { macosView } from './view.macos.ts';
import { windowsView } from './view.windows.ts';

/** The machine as its own tools tell it: read here by other code than the holder's. */
export function viewFor(
  platform: NodeJS.Platform,
  run: RunTool,
  env: NodeJS.ProcessEnv,
): SystemView | null {
  switch (platform) {
    case 'linux':
      return linuxView(run, env);
    case 'darwin':
      return macosView(run);
    case 'win32':
      return windowsView(run, env);
    default:
      return null;
  }
}
