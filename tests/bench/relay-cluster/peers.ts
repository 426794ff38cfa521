import { figure, median, percentile, type Figure } from '../figure.ts';
import { rssBytes } from '../process-memory.ts';
import { BenchHost } from './bench-host.ts';
import { startCluster, Stops } from './cluster.ts';
import { HapiHub } from './hapi-hub.ts';
import { SealedDevice } from './sealed-line.ts';
import { startSocketIoHop } from './socket-io-hop.ts';

export interface PeersOptions {
  /** The first is thrown away. */
  readonly rounds: number;
  readonly tripsPerRound: number;
  readonly burst: number;
}

const DEFAULTS: PeersOptions = { rounds: 5, tripsPerRound: 100, burst: 400 };
const BYTES = 200;
const AT_ONCE = 16;
const TRIP_LIMIT_MS = 10_000;
const PING_MS = 20;
const BEFORE_MS = 500;
const AWAY_MS = 1_000;
const AFTER_MS = 3_500;
const MIB = 1024 * 1024;
/** A folder with what is no dependency of ours: see `docs/capacity.md`. */
const FOLDER = 'PORCHLIGHT_BENCH_PEERS';

/** A way for texts that come back. */
export interface Peer {
  readonly name: string;
  /** What is between the two ends. */
  readonly pids: readonly number[];
  heard: (text: string) => void;
  send(text: string): void;
  /** What is in the middle of it: NATS, Redis, the hub. */
  kill(): Promise<void>;
  again(): Promise<void>;
}

/** The same text and its answer on the way of each, one way after the other in each round. */
export async function benchPeers(options: PeersOptions = DEFAULTS): Promise<Figure[]> {
  const stops = new Stops();
  try {
    const peers = await startPeers(stops);
    const took = new Map<Peer, { p50: number[]; perSecond: number[] }>();
    for (const peer of peers) took.set(peer, { p50: [], perSecond: [] });
    for (let round = 0; round <= options.rounds; round += 1)
      for (const [peer, { p50, perSecond }] of took) {
        const trips = await oneByOne(peer, options.tripsPerRound);
        const rate = await manyAtOnce(peer, options.burst);
        if (round === 0) continue;
        p50.push(percentile(trips, 0.5));
        perSecond.push(rate);
      }
    const figures: Figure[] = [];
    for (const [peer, { p50, perSecond }] of took) {
      const memory = peer.pids.reduce((sum, pid) => sum + rssBytes(pid), 0);
      const { lost, sent } = await killed(peer);
      figures.push(
        figure(`${peer.name}: round trip ${BYTES} B, p50`, median(p50), 'ms'),
        figure(`${peer.name}: round trips, ${AT_ONCE} at once`, median(perSecond), '/s'),
        figure(`${peer.name}: memory of all between`, memory / MIB, 'MiB'),
        figure(
          `${peer.name}: lost of ${sent} while ${MIDDLE} was killed and away for 1 s`,
          lost,
          '',
          peer === peers[0] ? { atMost: 0 } : undefined,
        ),
      );
    }
    return figures;
  } finally {
    await stops.all();
  }
}

const MIDDLE = 'its middle';

async function startPeers(stops: Stops): Promise<Peer[]> {
  const folder = process.env[FOLDER];
  const peers = [await ours(stops), await socketIo(stops, 'Pub/Sub', null)];
  if (folder === undefined) {
    process.stderr.write(`hapi and the streams adapter are left out: ${FOLDER} names no folder\n`);
    return peers;
  }
  return [...peers, await socketIo(stops, 'streams', folder), await HapiHub.start(stops, folder)];
}

async function ours(stops: Stops): Promise<Peer> {
  const { nats, nodes } = stops.keep(await startCluster({ nodes: 2, nats: 1 }));
  const [near, far] = nodes;
  if (near === undefined || far === undefined) throw new Error('There are no two nodes.');
  const host = await BenchHost.start(stops, [far]);
  const device = await SealedDevice.one(host);
  // The first answer comes before there is anybody to hear it.
  let peer: Peer | null = null;
  const line = await device.open(near, 'here', {
    heard: (text) => peer?.heard(text),
    lost: () => {},
  });
  stops.add(() => line.end());
  peer = {
    name: 'porchlight, two nodes over NATS, sealed',
    pids: [near.process.child.pid ?? 0, far.process.child.pid ?? 0, nats.server.pid ?? 0],
    heard: () => {},
    send: (text) => line.send(text),
    kill: async () => await nats.server.kill(),
    again: async () => await nats.server.start(),
  };
  return peer;
}

async function socketIo(stops: Stops, what: string, adapters: string | null): Promise<Peer> {
  const { redis, nodes, socket, send } = await startSocketIoHop(stops, adapters);
  const peer: Peer = {
    name: `socket.io, two servers over Redis ${what}, unsealed`,
    pids: [...nodes.map(({ child }) => child.pid ?? 0), redis.pid ?? 0],
    heard: () => {},
    send,
    kill: async () => await redis.kill(),
    again: async () => await redis.again(),
  };
  socket.on('carried', (_from: string, text: string) => peer.heard(text));
  return peer;
}

async function oneByOne(peer: Peer, count: number): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const startMs = performance.now();
    const text = textOf(i);
    await answered(peer, (came) => {
      peer.heard = (heard) => heard === text && came();
      peer.send(text);
    });
    took.push(performance.now() - startMs);
  }
  return took;
}

async function manyAtOnce(peer: Peer, count: number): Promise<number> {
  const startMs = performance.now();
  let sent = 0;
  let back = 0;
  await answered(peer, (all) => {
    const next = (): void => {
      if (sent === count) return;
      sent += 1;
      peer.send(textOf(sent));
    };
    peer.heard = () => {
      back += 1;
      if (back === count) all();
      else next();
    };
    for (let i = 0; i < AT_ONCE; i += 1) next();
  });
  return (count / (performance.now() - startMs)) * 1_000;
}

/** How many of what was said all the while never came back. */
async function killed(peer: Peer): Promise<{ lost: number; sent: number }> {
  const waiting = new Set<string>();
  let sent = 0;
  peer.heard = (text) => void waiting.delete(text);
  const timer = setInterval(() => {
    sent += 1;
    const text = textOf(sent);
    waiting.add(text);
    peer.send(text);
  }, PING_MS);
  await wait(BEFORE_MS);
  await peer.kill();
  await wait(AWAY_MS);
  await peer.again();
  await wait(AFTER_MS);
  clearInterval(timer);
  await wait(AFTER_MS);
  return { lost: waiting.size, sent };
}

async function answered(peer: Peer, begin: (done: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const late = new Error(`${peer.name} does not answer.`);
      timer = setTimeout(() => reject(late), TRIP_LIMIT_MS * 3);
      begin(resolve);
    });
  } finally {
    clearTimeout(timer);
  }
}

const textOf = (n: number): string => `${n} `.padEnd(BYTES, 'x');

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
