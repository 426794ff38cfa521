import { backoffMs } from '../../../src/base/backoff.ts';
import { figure, median, percentile, type Figure } from '../figure.ts';
import type { BenchRelay } from '../relay/processes.ts';
import { BenchHost } from './bench-host.ts';
import { startCluster, Stops } from './cluster.ts';
import { Crowd } from './crowd.ts';
import { openFilesLimit, OTHER_FILES } from './open-files.ts';
import { SealedDevice } from './sealed-line.ts';

export interface StormOptions {
  readonly rounds: number;
  readonly devices: number;
  readonly sealed: number;
}

const DEFAULTS: StormOptions = { rounds: 5, devices: 20_000, sealed: 1_000 };
const LIMIT_MS = 10_000;
const SHARE_GOAL = 0.999;
/** How long who is not back in time is still waited for: none may be refused for good. */
const PATIENCE_MS = 60_000;
const CROWDS = 2;
/** Of one host: an office, and below what a relay takes unless told otherwise. */
const PER_HOST = 50;
const OPEN_LIMIT_MS = 240_000;
/** As src/connection/reconnect.ts has them. */
const RETRY = { firstMs: 250, maxMs: 10_000 };
/** The limits of a relay that nobody has set, but for so many connections at all. */
const LIMITS = ['--max-connections', '30000'];

interface Storm {
  readonly count: number;
  /** From the kill until each was in, in ms. */
  readonly tookMs: readonly number[];
  readonly refused: number;
}

/** All clients of a node that is killed come back, to the one that is left. */
export async function benchStorm(options: StormOptions = DEFAULTS): Promise<Figure[]> {
  const devices = Math.min(options.devices, openFilesLimit() - OTHER_FILES);
  const admitted: Storm[] = [];
  const sealed: Storm[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    admitted.push(await admissionStorm(devices));
    sealed.push(await sealedStorm(options.sealed));
  }
  return [...figures('admission only', admitted), ...figures('sealed and answered', sealed)];
}

function figures(what: string, storms: readonly Storm[]): Figure[] {
  const count = storms[0]?.count ?? 0;
  const name = `${count.toLocaleString('en')} devices of a killed node, ${what}`;
  const inTime = ({ tookMs, count: all }: Storm): number =>
    tookMs.filter((ms) => ms <= LIMIT_MS).length / all;
  const p = (share: number): number =>
    median(storms.map(({ tookMs }) => percentile(tookMs, share))) / 1_000;
  return [
    figure(`${name}, within 10 s`, median(storms.map(inTime)), 'of 1', { atLeast: SHARE_GOAL }),
    figure(`${name}, not back after a minute`, Math.max(...storms.map(lacking)), '', { atMost: 0 }),
    figure(`${name}, refused on the way`, median(storms.map(({ refused }) => refused)), ''),
    figure(`${name}, p50`, p(0.5), 's'),
    figure(`${name}, p99.9`, p(0.999), 's'),
  ];
}

const lacking = ({ count, tookMs }: Storm): number => count - tookMs.length;

/** Their hosts are nowhere: what is asked of a node is who comes, and to look for the hosts. */
async function admissionStorm(count: number): Promise<Storm> {
  const stops = new Stops();
  try {
    const { nodes } = stops.keep(await startCluster({ nodes: 2, nats: 1, limits: LIMITS }));
    const [dies, stays] = two(nodes);
    const crowds: Crowd[] = [];
    const order = { devices: placeOf(dies), hosts: null, isBare: false, perHost: PER_HOST };
    for (let nth = 0; nth < CROWDS; nth += 1)
      crowds.push(await Crowd.start(stops, { ...order, nth }));
    const share = Math.floor(count / CROWDS);
    await Promise.all(crowds.map(async (crowd) => await crowd.open(share, OPEN_LIMIT_MS)));
    const back = [];
    for (const crowd of crowds) back.push((await crowd.comeBack(stays, PATIENCE_MS)).back);
    const killedMs = Date.now();
    await dies.process.stop();
    const returned = await Promise.all(back);
    return {
      count: share * CROWDS,
      tookMs: returned.flatMap(({ atMs }) => atMs.map((ms) => ms - killedMs)),
      refused: returned.reduce((sum, { refused }) => sum + refused, 0),
    };
  } finally {
    await stops.all();
  }
}

/** Their host is at the node that stays: each seals with it anew, and has its first answer. */
async function sealedStorm(count: number): Promise<Storm> {
  const stops = new Stops();
  try {
    const cluster = await startCluster({ nodes: 2, nats: 1, limits: [...LIMITS, ...ONE_ADDRESS] });
    const [dies, stays] = two(stops.keep(cluster).nodes);
    const host = await BenchHost.start(stops, [stays]);
    const devices = await SealedDevice.many(host, count);
    const tookMs: number[] = [];
    let killedMs = 0;
    let isOver = false;
    let allBack: () => void = () => {};
    const ends: (() => void)[] = [];
    stops.add(() => {
      isOver = true;
      ends.forEach((end) => end());
    });
    const comeBack = async (device: SealedDevice): Promise<void> => {
      for (let failures = 1; !isOver; failures += 1) {
        await new Promise((resolve) =>
          setTimeout(resolve, backoffMs(failures, RETRY, Math.random())),
        );
        try {
          const line = await device.open(stays, 'back', { heard: () => {}, lost: () => {} });
          tookMs.push(performance.now() - killedMs);
          ends.push(() => line.end());
          if (tookMs.length === count) allBack();
          return;
        } catch {
          // As a device does: again, after a longer wait.
        }
      }
    };
    for (let i = 0; i < count; i += AT_ONCE)
      await Promise.all(
        devices.slice(i, i + AT_ONCE).map(async (device) => {
          const line = await device.open(dies, 'here', {
            heard: () => {},
            lost: () => {
              line.end();
              if (!isOver) void comeBack(device);
            },
          });
        }),
      );
    const back = new Promise<void>((resolve) => (allBack = resolve));
    killedMs = performance.now();
    await dies.process.stop();
    await Promise.race([back, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref())]);
    return { count, tookMs, refused: 0 };
  } finally {
    await stops.all();
  }
}

const AT_ONCE = 25;
/** `ws` clients come from one address, of one host: as the tests of a proxy that hides them. */
const ONE_ADDRESS = [
  ...['--max-per-address', '100000', '--connects-per-second', '100000'],
  ...['--max-per-channel', '100000'],
];

function two(nodes: readonly BenchRelay[]): [BenchRelay, BenchRelay] {
  const [first, second] = nodes;
  if (first === undefined || second === undefined) throw new Error('There are no two nodes.');
  return [first, second];
}

const placeOf = ({ socketUrl, authority }: BenchRelay) => ({ socketUrl, authority });
