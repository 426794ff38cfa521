import { setTimeout as delay } from 'node:timers/promises';
import { DeadlineExceeded } from '../../base/deadline.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { HostStatus } from '../../protocol/methods.ts';
import { agree } from '../agree.ts';
import type { Cli } from '../cli.ts';
import { wantBuild, type HostBuild } from '../../local/host-build.ts';
import { CliFailure, EXIT, type ExitCode } from '../failure.ts';
import {
  ask,
  findHost,
  isNotRunning,
  linkHost,
  withHost,
  type HostLink,
} from '../host/host-link.ts';
import { ForeignKeeper, isKeeperThere, keeperPidOf, KeeperLink } from '../host/keeper-link.ts';
import { stopHolder } from '../host/holder-link.ts';
import { count, duration, oneLine } from '../output/text.ts';

/** Agents get 6 s to end by themselves, then the rest of the stop. */
const STOP_LIMIT_MS = 30_000;
const RESTART_LIMIT_MS = 20_000;
/** The keeper brings the host back; without one it is started anew after this. */
const KEEPER_PATIENCE_MS = 5_000;
const POLL_MS = 50;

/** `porchlight host start` */
export async function startHost(cli: Cli): Promise<void> {
  await tellStatus(cli, await ask(cli, 'host.status', {}));
}

/** `porchlight host status`; never starts one. */
export async function hostStatus(cli: Cli): Promise<ExitCode> {
  try {
    await tellStatus(cli, await ask({ ...cli, startsHost: false }, 'host.status', {}));
    return EXIT.done;
  } catch (error) {
    if (!isNotRunning(error)) throw error;
    await cli.out.answer({ running: false }, () => 'The host is not running.');
    return EXIT.notRunning;
  }
}

export async function tellStatus(cli: Cli, status: HostStatus): Promise<void> {
  await cli.out.answer(statusRow(status), () => {
    const { pid, keeperPid, version, uptimeSec, sessions } = status;
    return `The host is running: pid ${pid}, keeper ${keeperPid}, version ${oneLine(version)}, up ${duration(uptimeSec)}, ${count(sessions, 'session')}.`;
  });
}

export function statusRow(status: HostStatus): HostStatus {
  const { running, pid, keeperPid, version, protocol, uptimeSec, sessions } = status;
  return { running, pid, keeperPid, version, protocol, uptimeSec, sessions };
}

/** `porchlight host stop`: agents, keeper and host. Asks first when sessions work. */
export async function stopHost(cli: Cli, options: { force?: boolean }): Promise<void> {
  const stopped = await endHost(cli, options.force === true);
  await cli.out.answer({ running: false }, () =>
    stopped ? 'Stopped.' : 'The host is not running.',
  );
}

/** All of it, with what holds the machine awake. False when there was nothing to stop. */
export async function endHost(cli: Cli, force: boolean): Promise<boolean> {
  const link = await findHostToStop(cli);
  const stopped =
    typeof link === 'string'
      ? await stopWithoutHost(cli, link, force)
      : await stopByHost(cli, link, force);
  // A host that was killed, or is older, leaves a holder that would go on for its lease.
  const holder = await stopHolder(cli.home, cli.version);
  if (holder !== null) await gone(cli, [holder]);
  return stopped;
}

async function stopByHost(cli: Cli, link: HostLink, force: boolean): Promise<true> {
  try {
    if (!force) await agreeToEnd(cli, link);
    const { pid, keeperPid } = await link.client.call('host.status', {});
    await end(link, true);
    await gone(cli, [pid, keeperPid]);
  } finally {
    link.close();
  }
  return true;
}

type Unusable = 'none' | 'foreign' | 'silent';

/** The host; or that none answers, also after a moment for the keeper to bring one back. */
async function findHostToStop(cli: Cli): Promise<HostLink | Unusable> {
  const startedAt = cli.nowMs();
  for (;;) {
    try {
      const link = await findHost(cli);
      if (link !== null) return link;
    } catch (error) {
      if (error instanceof RpcFailure && error.is('wrongVersion')) return 'foreign';
      if (error instanceof DeadlineExceeded) return 'silent';
      throw error;
    }
    if (cli.nowMs() - startedAt > KEEPER_PATIENCE_MS || !(await isKeeperThere(cli.home)))
      return 'none';
    await delay(POLL_MS);
  }
}

/** False when there was nothing to stop. */
async function stopWithoutHost(cli: Cli, host: Unusable, force: boolean): Promise<boolean> {
  const unknown = { foreign: 'is of another version', silent: 'does not answer', none: null }[host];
  if (unknown !== null && !force)
    throw new CliFailure(
      `The host ${unknown} and cannot be asked whether sessions work. Stop it all the same with: porchlight host stop --force`,
    );
  const keeper = await openKeeper(cli);
  if (keeper === null) return false;
  if (keeper === 'foreign') return await endForeignKeeper(cli, force);
  try {
    const agents = force ? 0 : await keeper.agents();
    if (agents > 0)
      await agreeToStop(
        cli,
        `No host answers, and ${count(agents, 'agent runs', 'agents run')} in the keeper.`,
      );
    await keeper.stop();
    if (keeper.pid !== null) await gone(cli, [keeper.pid]);
  } finally {
    keeper.close();
  }
  return true;
}

async function openKeeper(cli: Cli): Promise<KeeperLink | 'foreign' | null> {
  try {
    return await KeeperLink.open(cli.home, cli.version);
  } catch (error) {
    if (error instanceof ForeignKeeper) return 'foreign';
    throw error;
  }
}

/** A signal says the same in every version: it ends its agents, its host and itself. */
async function endForeignKeeper(cli: Cli, force: boolean): Promise<true> {
  const pid = keeperPidOf(cli.home);
  if (pid === null)
    throw new CliFailure(
      `The keeper is of another version, and ${cli.home.keeperState} does not say which process it is: end it with the Porchlight that started it.`,
    );
  if (!force)
    throw new CliFailure(
      `The keeper (pid ${pid}) is of another version and cannot be asked whether agents run. Stop it all the same with: porchlight host stop --force`,
    );
  process.kill(pid, 'SIGTERM');
  await gone(cli, [pid]);
  return true;
}

const BUSY = new Set(['starting', 'working', 'waiting']);

/** What stopping would cut short, in words; null when nothing. */
async function workOf(link: HostLink): Promise<string | null> {
  const { sessions } = await link.client.call('session.list', {});
  const busy = sessions.filter(({ state }) => BUSY.has(state));
  if (busy.length === 0) return null;
  const which = busy.map(({ id, state }) => `${id} (${state})`).join(', ');
  return `${count(busy.length, 'session is', 'sessions are')} at work: ${which}.`;
}

/** Asks a person, where sessions work; refuses where nobody can be asked. */
export async function agreeToEnd(cli: Cli, link: HostLink): Promise<void> {
  await agreeToStop(cli, await workOf(link));
}

async function agreeToStop(cli: Cli, work: string | null): Promise<void> {
  if (work === null) return;
  if (!cli.asks)
    throw new CliFailure(`${work} To end that all the same: porchlight host stop --force`);
  await agree(cli, `${work}\nStop all the same? [y/N] `, 'Not stopped.');
}

/** A host that ends may do so before its answer is out; the closed connection says the same. */
async function end(link: HostLink, all: boolean): Promise<void> {
  try {
    await link.client.call('host.stop', { all }, STOP_LIMIT_MS);
  } catch (error) {
    if (error instanceof RpcFailure || link.closedBecause() === null) throw error;
  }
}

async function gone(cli: Cli, pids: readonly number[]): Promise<void> {
  const startedAt = cli.nowMs();
  for (;;) {
    const left = pids.filter(isAlive);
    if (left.length === 0) return;
    if (cli.nowMs() - startedAt > STOP_LIMIT_MS)
      throw new CliFailure(
        `The host was told to stop and ${left.length === 1 ? `process ${left[0]} is` : `processes ${left.join(' and ')} are`} still there after ${STOP_LIMIT_MS / 1_000} s: see porchlight logs`,
      );
    await delay(POLL_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** `porchlight host restart`: a host of this build; the keeper and the agents stay. */
export async function restartHost(cli: Cli): Promise<void> {
  const link = cli.startsHost ? await findHost(cli) : await linkHost(cli);
  if (link === null) return await startHost(cli);
  let before: HostStatus;
  let replacesKeeper: boolean;
  try {
    before = await link.client.call('host.status', {});
    wantBuild(cli.home, ownBuild(cli));
    replacesKeeper = isKeeperReplaceable(before, cli.version);
    await end(link, replacesKeeper);
  } finally {
    link.close();
  }
  if (replacesKeeper) await gone(cli, [before.pid, before.keeperPid]);
  const status = replacesKeeper
    ? await ask(cli, 'host.status', {})
    : await nextHost(cli, before.pid);
  if (status.version !== cli.version)
    cli.out.remark(
      `Version ${oneLine(status.version)} runs again, not ${cli.version}: see porchlight doctor.`,
    );
  await tellStatus(cli, status);
}

function ownBuild({ programs, version }: Cli): HostBuild {
  return { ...programs, version, isElectron: process.versions.electron !== undefined };
}

/** A keeper of another version goes too when nothing hangs on it. An older host does not say. */
export function isKeeperReplaceable(status: HostStatus, version: string): boolean {
  return (
    status.keeperVersion !== undefined && status.keeperVersion !== version && status.agents === 0
  );
}

async function nextHost(cli: Cli, oldPid: number): Promise<HostStatus> {
  const startedAt = cli.nowMs();
  for (;;) {
    const waitedMs = cli.nowMs() - startedAt;
    if (waitedMs > RESTART_LIMIT_MS)
      throw new CliFailure(
        `The host did not come back within ${RESTART_LIMIT_MS / 1_000} s: see porchlight logs`,
      );
    const startsHost = waitedMs > KEEPER_PATIENCE_MS && !(await isKeeperThere(cli.home));
    try {
      const status = await withHost(
        { ...cli, startsHost },
        async ({ client }) => await client.call('host.status', {}),
      );
      if (status.pid !== oldPid) return status;
    } catch (error) {
      if (error instanceof RpcFailure || startsHost) throw error;
    }
    await delay(POLL_MS);
  }
}
