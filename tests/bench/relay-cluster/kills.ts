import { figure, median, type Figure } from '../figure.ts';
import { BenchHost } from './bench-host.ts';
import { startCluster, Stops, type BenchCluster } from './cluster.ts';
import { Pings } from './pings.ts';
import { SealedDevice } from './sealed-line.ts';

export interface KillOptions {
  readonly rounds: number;
}

const DEFAULTS: KillOptions = { rounds: 5 };
/** From the end of a line until its client dials again, here. */
const REDIAL_MS = 50;
const OVER_REDIAL_MS = 100;
const NATS_GAP_MS = 500;
const QUIET_MS = 300;
const WATCH_MS = 2_500;

/** For how long nothing comes back when a node, or a NATS server, is killed; the channel is sealed. */
export async function benchKills(options: KillOptions = DEFAULTS): Promise<Figure[]> {
  const overs: Record<'devicesNode' | 'hostsNode', number[]> = { devicesNode: [], hostsNode: [] };
  for (let round = 0; round < options.rounds; round += 1) {
    overs.devicesNode.push(await nodeKilled('device'));
    overs.hostsNode.push(await nodeKilled('host'));
  }
  const bound = { atMost: OVER_REDIAL_MS };
  return [
    figure(
      "a device's node killed, gap beyond the redial delay",
      median(overs.devicesNode),
      'ms',
      bound,
    ),
    figure('… the worst of them', Math.max(...overs.devicesNode), 'ms'),
    figure(
      "the host's node killed, gap beyond the redial delay",
      median(overs.hostsNode),
      'ms',
      bound,
    ),
    figure('… the worst of them', Math.max(...overs.hostsNode), 'ms'),
    ...(await natsKilled(options)),
  ];
}

async function nodeKilled(whose: 'device' | 'host'): Promise<number> {
  const stops = new Stops();
  try {
    const cluster = stops.keep(await startCluster({ nodes: 3, nats: 1 }));
    const [near, far, third] = cluster.nodes;
    if (near === undefined || far === undefined || third === undefined)
      throw new Error('There are no three nodes.');
    const host = await BenchHost.start(stops, [far, third], REDIAL_MS);
    const device = await SealedDevice.one(host);
    const pings = new Pings(device, [near, third], REDIAL_MS);
    stops.add(() => pings.stop());
    await pings.start();
    await wait(QUIET_MS);
    const killed = whose === 'device' ? near : far;
    pings.watch();
    await killed.process.stop();
    await wait(WATCH_MS);
    return pings.watched().gapMs - REDIAL_MS;
  } finally {
    await stops.all();
  }
}

/** Each server of three in its turn: the ones that nodes use, and the leader of JetStream, are among them. */
async function natsKilled({ rounds }: KillOptions): Promise<Figure[]> {
  const stops = new Stops();
  try {
    const cluster = stops.keep(await startCluster({ nodes: 2, nats: 3 }));
    const pings = await pingsAcross(stops, cluster);
    const gaps: { all: number[]; leader: number[] } = { all: [], leader: [] };
    let lost = 0;
    for (let round = 0; round < Math.max(rounds, cluster.nats.servers.length); round += 1) {
      const leader = await cluster.nats.metaLeader();
      const server = round % 2 === 0 ? leader : cluster.nats.servers[round % 3];
      if (server === undefined) throw new Error('There is no such server.');
      await wait(QUIET_MS);
      pings.watch();
      await server.kill();
      await wait(WATCH_MS);
      const { gapMs, unanswered } = pings.watched();
      (server === leader ? gaps.leader : gaps.all).push(gapMs);
      lost += unanswered;
      await server.start();
    }
    return [
      figure('a NATS server killed, live gap', median(gaps.all), 'ms', { atMost: NATS_GAP_MS }),
      figure('the leader of JetStream killed, live gap', median(gaps.leader), 'ms', {
        atMost: NATS_GAP_MS,
      }),
      figure('… the worst of all', Math.max(...gaps.all, ...gaps.leader), 'ms'),
      figure('messages lost while NATS servers were killed', lost, '', { atMost: 0 }),
    ];
  } finally {
    await stops.all();
  }
}

async function pingsAcross(stops: Stops, { nodes }: BenchCluster): Promise<Pings> {
  const [near, far] = nodes;
  if (near === undefined || far === undefined) throw new Error('There are no two nodes.');
  const host = await BenchHost.start(stops, [far], REDIAL_MS);
  const pings = new Pings(await SealedDevice.one(host), [near], REDIAL_MS);
  stops.add(() => pings.stop());
  await pings.start();
  return pings;
}

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
