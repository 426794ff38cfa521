import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { DeadlineExceeded, withDeadline } from '../../base/deadline.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { AgentEntry } from '../../protocol/agent.ts';
import type { RelayStatus } from '../../protocol/devices.ts';
import { failureSince } from '../../local/ensure-host.ts';
import { findHost, type HostLink } from '../host/host-link.ts';
import { isKeeperThere } from '../host/keeper-link.ts';
import { oneLine } from '../output/text.ts';
import { bad, fine, messageOf, type Check, type DoctorWorld, type Finding } from './check.ts';

const HOST_LIMIT_MS = 3_000;
/** Asking agents for their versions starts each of them. */
const AGENTS_LIMIT_MS = 20_000;

/** What runs, and what it has found. */
export const hostChecks: readonly Check[] = [
  { check: 'host', matters: true, look: host },
  { check: 'keeper', matters: true, look: keeper },
  { check: 'relay', matters: false, look: relay },
];

async function withRunningHost<T>(
  world: DoctorWorld,
  limitMs: number,
  work: (link: HostLink) => Promise<T>,
): Promise<T | null> {
  const link = await withDeadline(findHost(world.cli), HOST_LIMIT_MS, 'Connecting to the host');
  if (link === null) return null;
  try {
    return await withDeadline(work(link), limitMs, 'Asking the host');
  } finally {
    link.close();
  }
}

async function host(world: DoctorWorld): Promise<Finding> {
  const own = world.cli.version;
  try {
    const found = await withRunningHost(world, HOST_LIMIT_MS, async ({ client }) => ({
      status: await client.call('host.status', {}),
      desk: await client.call('desk.follow', {}),
    }));
    if (found === null) return fine('not running; it is started when it is needed');
    const { status, desk } = found;
    const problems = desk.problems.map(({ message }) => oneLine(message));
    if (problems.length > 0) return bad(problems.join('; '), 'See: porchlight logs');
    if (status.version !== own)
      return bad(`version ${status.version} runs, this is ${own}`, 'porchlight host restart');
    return fine(
      `running, pid ${status.pid}, version ${status.version}, protocol ${status.protocol}`,
    );
  } catch (error) {
    if (error instanceof RpcFailure && error.is('wrongVersion'))
      return bad(error.message, 'porchlight host stop --force, then porchlight host start');
    if (error instanceof DeadlineExceeded)
      return bad(
        `${messageOf(error)}: the host does not answer`,
        'See porchlight logs; then porchlight host stop --force',
      );
    return bad(messageOf(error), 'See: porchlight logs');
  }
}

async function keeper({ cli }: DoctorWorld): Promise<Finding> {
  const [there, link] = await Promise.all([
    isKeeperThere(cli.home),
    withDeadline(findHost(cli), HOST_LIMIT_MS, 'Connecting to the host').catch(() => null),
  ]);
  const status = await link?.client.call('host.status', {}, HOST_LIMIT_MS).catch(() => null);
  link?.close();
  const why = failureSince(cli.home, 0);
  if (there && link === null)
    return bad(
      `a keeper runs, and no host answers${why === null ? '' : `: ${oneLine(why)}`}`,
      'See porchlight logs; then porchlight host stop --force',
    );
  if (!there && link !== null)
    return bad(
      'a host runs without a keeper: nobody would start it again',
      'porchlight host stop, then porchlight host start',
    );
  if (!there) return fine('not running, like the host');
  const version = status?.keeperVersion ?? cli.version;
  return fine(
    version === cli.version
      ? 'running'
      : `running, version ${version}; "host restart" replaces it too when no agent runs`,
  );
}

/** Whether a paired device could come in now. */
async function relay(world: DoctorWorld): Promise<Finding> {
  const status = await withRunningHost(
    world,
    HOST_LIMIT_MS,
    async ({ client }) => await client.call('relay.status', {}),
  ).catch((error: unknown) => {
    // An older host does not know the question.
    if (error instanceof RpcFailure) return null;
    throw error;
  });
  return status === null ? fine('not asked, since no host runs') : relayFinding(status);
}

export function relayFinding({ url, own, connected, lanUrl, problem }: RelayStatus): Finding {
  if (url === null && problem === null) return fine('none is connected, since no device is paired');
  const which = own ? "this host's own" : (url ?? 'none');
  if (!connected || problem !== null)
    return bad(
      `${which}: ${oneLine(problem ?? 'not connected yet')}`,
      own ? 'See: porchlight logs' : 'Look whether that relay runs, and relay.url in config.json',
    );
  const where = own ? `${which}, at ${url}` : which;
  return fine(
    `connected: ${where}${lanUrl === null ? '' : `, and at ${lanUrl} on the local network`}`,
  );
}

/** Programs that speak ACP, by the agent's id. */
const ON_PATH: Readonly<Record<string, readonly string[]>> = {
  claude: ['claude-agent-acp'],
  codex: ['codex-acp'],
  opencode: ['opencode'],
  gemini: ['gemini'],
};

/** One finding for each agent: the host's, when it runs, else what can be seen from here. */
export async function agentFindings(
  world: DoctorWorld,
): Promise<{ check: string; finding: Finding }[]> {
  const listed = await withRunningHost(
    world,
    AGENTS_LIMIT_MS,
    async ({ client }) => await client.call('agents.list', {}, AGENTS_LIMIT_MS),
  ).catch(() => null);
  if (listed !== null)
    return listed.agents.map((entry) => ({
      check: `agent ${entry.id}`,
      finding: agentFinding(entry),
    }));
  return await Promise.all(
    Object.entries(ON_PATH).map(async ([id, names]) => ({
      check: `agent ${id}`,
      finding: await lookOnPath(world, id, names),
    })),
  );
}

export function agentFinding(entry: AgentEntry): Finding {
  if (entry.found) {
    const signIn =
      entry.signIn === null ? '' : `; sign in, where it is not yet, with: ${entry.signIn}`;
    return fine(`${entry.version ?? 'version unknown'}, ${entry.from ?? 'found'}${signIn}`);
  }
  return bad(
    'not found',
    entry.installable === null
      ? `Install ${entry.name} so that it is on PATH, or name its command in config.json`
      : `porchlight agents install ${entry.id}`,
  );
}

async function lookOnPath(
  { cli, platform }: DoctorWorld,
  id: string,
  names: readonly string[],
): Promise<Finding> {
  const installed = await readdir(join(cli.home.agents, id)).catch(() => []);
  if (installed.length > 0) return fine(`installed in ${join(cli.home.agents, id)}`);
  const folders = (cli.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names)
    for (const folder of folders) {
      const path = join(folder, platform === 'win32' ? `${name}.cmd` : name);
      if (await isExecutable(path)) return fine(`${path}; its version is told while the host runs`);
    }
  return bad('not found', `porchlight agents install ${id}`);
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
