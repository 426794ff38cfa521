import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Home } from './home.ts';

/** Long enough never to meet another home's. */
const HASH_CHARS = 8;

export interface ServiceGround {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly userFolder: string;
}

/** What the system knows the keeper of a home by: `porchlight`, or with a hash for another home. */
export function serviceName(home: Pick<Home, 'root'>, userFolder: string): string {
  if (home.root === join(userFolder, '.porchlight')) return 'porchlight';
  const hash = createHash('sha256').update(home.root).digest('hex').slice(0, HASH_CHARS);
  return `porchlight-${hash}`;
}

/** Folder of the units of the user's own systemd. */
export function systemdUnits({ env, userFolder }: Omit<ServiceGround, 'platform'>): string {
  const given = env.XDG_CONFIG_HOME;
  const config = given !== undefined && isAbsolute(given) ? given : join(userFolder, '.config');
  return join(config, 'systemd', 'user');
}

export function launchdLabel(name: string): string {
  return `dev.${name.replace('-', '.')}.keeper`;
}

export function launchdPlistFile(name: string, userFolder: string): string {
  return join(userFolder, 'Library', 'LaunchAgents', `${launchdLabel(name)}.plist`);
}

/** What the task of Windows starts. */
export function taskScript(keeperState: string): string {
  return join(keeperState, 'service.js');
}

const KINDS: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'systemd',
  darwin: 'launchd',
  win32: 'task',
};

/**
 * Whether the start-up service of a home is installed, by its file alone: `porchlight service status`
 * asks the system itself, which takes long.
 */
export function serviceSeen(
  home: Pick<Home, 'root' | 'keeperState'>,
  ground: ServiceGround,
): { installed: boolean; kind: string | null } {
  const { platform, userFolder } = ground;
  const kind = KINDS[platform] ?? null;
  const name = serviceName(home, userFolder);
  const file =
    kind === 'task'
      ? taskScript(home.keeperState)
      : kind === 'launchd'
        ? launchdPlistFile(name, userFolder)
        : join(systemdUnits(ground), `${name}.service`);
  return { installed: kind !== null && existsSync(file), kind };
}
