import type { Cli } from '../cli.ts';
import { runProgram } from '../doctor/run-program.ts';
import { planNeeds, serviceHere, serviceWords } from '../service/service-here.ts';
import { refuseUnlasting } from '../service/service-plan.ts';
import type { Service, ServiceStatus } from '../service/service.ts';

/** `porchlight service install` */
export async function installService(cli: Cli): Promise<void> {
  refuseUnlasting(planNeeds(cli), process.getuid?.() ?? -1);
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
function serviceOf(cli: Cli): Service {
  return serviceHere(cli, { platform: process.platform, run: runProgram });
}

async function tell(cli: Cli, status: ServiceStatus): Promise<void> {
  await cli.out.answer(status, () => serviceWords(status));
  if (!cli.json) for (const remark of status.remarks) cli.out.remark(remark);
}
