import type { AgentEntry } from '../../protocol/agent.ts';
import type { Cli } from '../cli.ts';
import { withHost, ask } from '../host/host-link.ts';
import { table } from '../output/table.ts';
import { megabytes, oneLine } from '../output/text.ts';

/** Hundreds of megabytes over a slow line. */
const INSTALL_LIMIT_MS = 60 * 60_000;
const REMOVE_LIMIT_MS = 2 * 60_000;

/** `porchlight agents` */
export async function listAgents(cli: Cli): Promise<void> {
  const { agents } = await ask(cli, 'agents.list', {});
  await tell(cli, agents);
}

/** `porchlight agents install ID`, with progress on stderr. */
export async function installAgent(cli: Cli, agent: string): Promise<void> {
  const { entry } = await withHost(cli, async ({ client }) => {
    let said = '';
    client.notices.on((notice) => {
      if (notice.name !== 'agents.installing' || notice.params.agent !== agent) return;
      const { message, bytes, totalBytes } = notice.params;
      const size =
        bytes === null
          ? ''
          : ` ${megabytes(bytes)}${totalBytes === null ? '' : ` of ${megabytes(totalBytes)}`}`;
      const line = `${agent}: ${oneLine(message)}${size}`;
      if (line !== said) cli.out.remark(line);
      said = line;
    });
    return await client.call('agents.install', { agent }, INSTALL_LIMIT_MS);
  });
  await tell(cli, [entry]);
}

/** `porchlight agents remove ID` */
export async function removeAgent(cli: Cli, agent: string): Promise<void> {
  const { entry } = await ask(cli, 'agents.remove', { agent }, REMOVE_LIMIT_MS);
  await tell(cli, [entry]);
}

async function tell(cli: Cli, agents: readonly AgentEntry[]): Promise<void> {
  const rows = agents.map(({ id, name, found, version, command, from }) => ({
    id,
    name,
    found,
    version,
    command,
    from,
  }));
  await cli.out.answer(rows, () =>
    table(['ID', 'NAME', 'FOUND', 'VERSION', 'COMMAND'], agents.map(row), cli.out.columns),
  );
}

function row(agent: AgentEntry): string[] {
  const { id, name, found, version, command, from, installable } = agent;
  const how = command?.join(' ') ?? '';
  const missing =
    installable === null
      ? ''
      : `install: porchlight agents install ${id} (${megabytes(installable.bytes)})`;
  return [id, name, found ? (from ?? 'yes') : 'no', version ?? '', found ? how : missing];
}
