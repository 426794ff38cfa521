import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDeadline } from '../../src/base/deadline.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import { dist, HostUnderTest } from '../integration/support/host-under-test.ts';
import { figure, median, type Figure } from './figure.ts';
import { cpuMs } from './process-memory.ts';
import { seedHistory } from './seed-history.ts';
import { cliSurface, traySurface, windowSurface, type Shown, type Surface } from './surfaces.ts';

export interface RestartOptions {
  /** How often the host is killed; the first time is thrown away. */
  readonly rounds: number;
  readonly sessions: number;
  readonly events: number;
  /** Between two: up for so long, the keeper takes a death for the first (host-process.ts). */
  readonly settledMs: number;
}

const DEFAULTS: RestartOptions = { rounds: 7, sessions: 64, events: 200_000, settledMs: 10_500 };
/** Of the sessions, so many work all the time, each with an agent of its own. */
const WORKING = 3;
const LIMIT_MS = 60_000;
const TICK_MS = 10;

/**
 * The host is killed while agents work and surfaces follow: how long after the start of the next
 * one's process each surface shows the desk, or goes on with its session, again. The history is
 * written before the first start; window, tray and command line are their own code.
 */
export async function benchRestart(options: RestartOptions = DEFAULTS): Promise<Figure[]> {
  const script = join(dist, 'demo-agent', 'main.js');
  const host = new HostUnderTest({
    agents: { quick: { command: process.execPath, args: [script] } },
  });
  const surfaces: Surface[] = [];
  try {
    const { sessions, events } = options;
    const seeded = { sessions: sessions - WORKING, events, cwd: host.workspace };
    seedHistory(host.home.database, seeded);
    await host.connect();
    const working: SessionId[] = [];
    for (let n = 0; n < WORKING; n += 1)
      working.push(await host.start('quick', 'SCRIPT:stream n=1000000 rate=20'));
    const [a, b, c] = working;
    if (a === undefined || b === undefined || c === undefined) throw new Error('no session');
    surfaces.push(
      windowSurface(host.home, a),
      traySurface(host.home, dist),
      cliSurface(host.home, dist, b),
      cliSurface(host.home, dist, c, 'second command line'),
    );
    await Promise.all(surfaces.map(async (each) => await record(each).liveAt(0, sessions)));
    const times: Round[] = [];
    for (let round = 0; round <= options.rounds; round += 1) {
      if (round > 0) await new Promise((resolve) => setTimeout(resolve, options.settledMs));
      const took = await restart(host, surfaces, sessions);
      if (round > 0) times.push(took);
    }
    const what = `host restart with ${sessions} sessions and ${events.toLocaleString('en')} events`;
    const over = (of: (round: Round) => number): number => median(times.map(of));
    return [
      figure(
        `${what}, start to answering`,
        over(({ answeringMs }) => answeringMs),
        'ms',
      ),
      figure(
        `${what}, CPU time of the host by then`,
        over((round) => round.cpuMs),
        'ms',
      ),
      ...surfaces.map(({ name }, index) =>
        figure(
          `${what}, start to ${name} live`,
          over(({ liveMs }) => liveMs[index] ?? Number.NaN),
          'ms',
        ),
      ),
      figure(
        `${what}, start to every surface live`,
        over(({ liveMs }) => Math.max(...liveMs)),
        'ms',
        { atMost: 1_000 },
      ),
      figure(`${what}, slowest of all`, Math.max(...times.flatMap(({ liveMs }) => liveMs)), 'ms'),
    ];
  } finally {
    for (const surface of surfaces) await surface.stop();
    await host.stop();
  }
}

interface Round {
  readonly answeringMs: number;
  /** Of the host, when all are live: what the time would be on a machine that does nothing else. */
  readonly cpuMs: number;
  readonly liveMs: readonly number[];
}

async function restart(
  host: HostUnderTest,
  surfaces: readonly Surface[],
  sessions: number,
): Promise<Round> {
  const { pid } = await host.client.call('host.status', {});
  const shown = surfaces.map((surface) => record(surface));
  process.kill(pid, 'SIGKILL');
  await host.connect();
  const answeringAt = performance.now();
  const status = await host.client.call('host.status', {});
  const startedAt = startOf(status.pid);
  const live = shown.map(async (each) => await each.liveAt(startedAt, sessions));
  const liveAt = await withDeadline(Promise.all(live), LIMIT_MS, 'Coming back');
  return {
    answeringMs: answeringAt - startedAt,
    cpuMs: cpuMs([status.pid]),
    liveMs: liveAt.map((at) => at - startedAt),
  };
}

/** What a surface shows from now on, and when. */
function record(surface: Surface): {
  /** When it had all that it shows, as far as it was told that after `since`. */
  liveAt(since: number, sessions: number): Promise<number>;
} {
  const all: { at: number; shown: Shown }[] = [];
  let look = (): void => {};
  surface.onShown = (shown) => {
    all.push({ at: performance.now(), shown });
    look();
  };
  return {
    liveAt: async (since, sessions) =>
      await new Promise((resolve) => {
        look = () => {
          // What the last host said before its end may arrive after it.
          const later = all.filter(({ at }) => at > since);
          const desk = later.find(({ shown }) => 'sessions' in shown && shown.sessions >= sessions);
          const events = later.find(({ shown }) => 'seq' in shown);
          const parts = [
            ...(surface.shows.desk ? [desk] : []),
            ...(surface.shows.events ? [events] : []),
          ];
          const times = parts.flatMap((part) => part?.at ?? []);
          if (times.length === parts.length) resolve(Math.max(...times));
        };
        look();
      }),
  };
}

/** When a process began, by our own clock; Linux counts in ticks since the machine's start. */
function startOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
  return performance.now() - (uptimeMs - ticks * TICK_MS);
}
