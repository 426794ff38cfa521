import { RpcFailure } from '../../protocol/errors.ts';
import type { Cli } from '../cli.ts';
import { runProgram } from '../doctor/run-program.ts';
import { findHost, type HostLink } from '../host/host-link.ts';
import { oneLine } from '../output/text.ts';
import { planNeeds, serviceHere, serviceWords } from '../service/service-here.ts';
import { refuseUnlasting } from '../service/service-plan.ts';
import type { Service, ServiceStatus } from '../service/service.ts';
import { agreeToEnd, endHost } from './host.ts';
import { undoChanges } from './power-undo.ts';

/** A person types a password. */
const SET_UP_LIMIT_MS = 10 * 60_000;

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

/**
 * `porchlight service uninstall`: for somebody who is about to remove Porchlight. Ends the host, starts
 * it no more, puts back every power setting; the home with the history stays.
 */
export async function uninstall(cli: Cli, options: { force?: boolean }): Promise<void> {
  const link = await findHost(cli).catch(() => null);
  if (link !== null)
    try {
      if (options.force !== true) await agreeToEnd(cli, link);
      await undoSetUp(cli, link);
    } finally {
      link.close();
    }
  // Whoever has agreed is not asked again; a host that cannot be asked is refused without --force.
  await endHost(cli, options.force === true || link !== null);
  const service = serviceOf(cli);
  await service.remove();
  const message = await undoChanges(cli);
  const status = await service.status();
  await cli.out.answer({ ...status, message }, () =>
    [
      'Nothing of Porchlight runs, or starts by itself.',
      `Power settings: ${message}`,
      `The history stays in ${cli.home.root}: remove that folder to be rid of it.`,
    ].join('\n'),
  );
}

/** What was set up once for the lid goes too, where a host is there that can ask a person. */
async function undoSetUp(cli: Cli, { client }: HostLink): Promise<void> {
  try {
    const { power } = await client.call('power.state', {}, SET_UP_LIMIT_MS);
    if (power.lid.setUp === 'done')
      await client.call('power.setUp', { undo: true }, SET_UP_LIMIT_MS);
  } catch (error) {
    // An older host has set up nothing.
    if (error instanceof RpcFailure && error.is('methodNotFound')) return;
    const why = error instanceof Error ? error.message : String(error);
    cli.out.remark(
      `What "power setup" did stays: ${oneLine(why)} How to take it back by hand: docs/power.md`,
    );
  }
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
