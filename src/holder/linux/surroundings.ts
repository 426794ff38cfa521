import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What this system is, where it is not a machine of its own. */
export type Surroundings = 'wsl' | 'container' | 'machine';

/** `root` is `/`, or a test's own. */
export function surroundingsOf(env: NodeJS.ProcessEnv, root = '/'): Surroundings {
  if (env.WSL_DISTRO_NAME !== undefined || env.WSL_INTEROP !== undefined) return 'wsl';
  const version = read(join(root, 'proc/version'));
  if (/microsoft|wsl/iu.test(version)) return 'wsl';
  // Toolbox and Distrobox hand the machine's own bus and processes in; who names a bus has done so too.
  if (
    existsSync(join(root, 'run/.toolboxenv')) ||
    env.DISTROBOX_ENTER_PATH !== undefined ||
    (env.DBUS_SYSTEM_BUS_ADDRESS ?? '') !== ''
  )
    return 'machine';
  const isMarked =
    existsSync(join(root, '.dockerenv')) ||
    existsSync(join(root, 'run/.containerenv')) ||
    existsSync(join(root, 'run/systemd/container')) ||
    (env.container ?? '') !== '' ||
    env.KUBERNETES_SERVICE_HOST !== undefined;
  return isMarked ? 'container' : 'machine';
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
