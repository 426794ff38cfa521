import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { HostPrograms } from '../../local/ensure-host.ts';
import type { Home } from '../../local/home.ts';
import { serviceName } from '../../local/service-place.ts';
import { CliFailure } from '../failure.ts';
import type { ServicePlan } from './service.ts';

export interface PlanNeeds {
  readonly home: Home;
  readonly programs: HostPrograms;
  readonly env: NodeJS.ProcessEnv;
  readonly userFolder: string;
  readonly isElectron: boolean;
}

/** Without a terminal behind it, the keeper writes its log itself. */
const LOG_TO_FILE = '--log-to-file';

/** What the system has to start for this home and this build. */
export function servicePlan(needs: PlanNeeds): ServicePlan {
  const { home, programs, userFolder, isElectron } = needs;
  const isDefault = home.root === join(userFolder, '.porchlight');
  return {
    name: serviceName(home, userFolder),
    command: programs.execPath,
    args: [join(programs.dist, 'keeper', 'main.js'), LOG_TO_FILE],
    env: {
      ...(!isDefault && { PORCHLIGHT_HOME: home.root }),
      ...(home.agents !== join(home.root, 'agents') && { PORCHLIGHT_AGENTS: home.agents }),
      ...(isElectron && { ELECTRON_RUN_AS_NODE: '1' }),
    },
    keeperState: home.keeperState,
  };
}

/** Refuses what would not be there, or not be us, after a reboot. */
export function refuseUnlasting({ programs, env }: PlanNeeds, uid: number): void {
  const { execPath, dist } = programs;
  const mount = env.APPDIR;
  if (mount !== undefined && mount !== '' && `${execPath}${sep}`.startsWith(`${mount}${sep}`))
    throw new CliFailure(
      `This is an AppImage, whose programs are gone when it is closed: install the deb or the tar.gz and run "porchlight service install" from there.`,
    );
  if (env.FLATPAK_ID !== undefined && env.FLATPAK_ID !== '')
    throw new CliFailure(
      `Porchlight runs inside Flatpak, where it cannot set up a service: install the deb or the tar.gz instead.`,
    );
  if (uid === 0 && env.SUDO_USER !== undefined && env.SUDO_USER !== 'root')
    throw new CliFailure(
      `Started by sudo this would be root's service, not yours: run "porchlight service install" without sudo.`,
    );
  if (!existsSync(join(dist, 'keeper', 'main.js')))
    throw new CliFailure(
      `There is no keeper at ${join(dist, 'keeper', 'main.js')}: build or install Porchlight again.`,
    );
}
