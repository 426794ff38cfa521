import { homedir, userInfo } from 'node:os';
import type { Cli } from '../cli.ts';
import { runProgram } from '../doctor/run-program.ts';
import { refuseUnlasting, servicePlan, type PlanNeeds } from '../service/service-plan.ts';
import { serviceFor, type Service, type ServiceStatus } from '../service/service.ts';

/** `porchlight service install` */
export async function installService(cli: Cli): Promise<void> {
  refuseUnlasting(needs(cli), process.getuid?.() ?? -1);
  const service = serviceOf(cli);
  await service.install();
  await tell(cli, await service.status());
}

/** `porchlight service remove`: sessions that run go on. */
export async function removeService(cli: Cli): Promise<void> {
  const service = serviceOf(cli);
  await service.remove();
  await tell(cli, await service.status());
}

/** `porchlight service status` */
export async function serviceStatus(cli: Cli): Promise<void> {
  await tell(cli, await serviceOf(cli).status());
}

/** The service of this home, as this build would install it. */
export function serviceOf(cli: Cli): Service {
  return serviceFor(servicePlan(needs(cli)), {
    platform: process.platform,
    env: cli.env,
    userFolder: homedir(),
    userName: userInfo().username,
    uid: process.getuid?.() ?? -1,
    run: runProgram,
  });
}

function needs({ home, programs, env }: Cli): PlanNeeds {
  return {
    home,
    programs,
    env,
    userFolder: homedir(),
    isElectron: process.versions.electron !== undefined,
  };
}

async function tell(cli: Cli, status: ServiceStatus): Promise<void> {
  await cli.out.answer(status, () => serviceWords(status));
  if (!cli.json) for (const remark of status.remarks) cli.out.remark(remark);
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
