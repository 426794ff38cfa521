import { homedir, userInfo } from 'node:os';
import type { Cli } from '../cli.ts';
import { servicePlan, type PlanNeeds } from './service-plan.ts';
import { serviceFor, type Service, type ServiceStatus, type ServiceWorld } from './service.ts';

/** The service of this home, as this build would install it. */
export function serviceHere(cli: Cli, world: Pick<ServiceWorld, 'platform' | 'run'>): Service {
  return serviceFor(servicePlan(planNeeds(cli)), {
    ...world,
    env: cli.env,
    userFolder: homedir(),
    userName: userInfo().username,
    uid: process.getuid?.() ?? -1,
  });
}

export function planNeeds({ home, programs, env }: Cli): PlanNeeds {
  return {
    home,
    programs,
    env,
    userFolder: homedir(),
    isElectron: process.versions.electron !== undefined,
  };
}

export function serviceWords({ installed, enabled, current, kind }: ServiceStatus): string {
  const by = { systemd: 'systemd', launchd: 'launchd', task: 'the Task Scheduler' }[kind];
  if (!installed) return 'Porchlight does not start by itself. Have it: porchlight service install';
  if (!enabled)
    return `Porchlight is known to ${by} and switched off there. Switch it on with: porchlight service install`;
  return current
    ? `Porchlight starts by itself, through ${by}.`
    : `Porchlight starts by itself, through ${by}, but another build than this one. Mend it with: porchlight service install`;
}
