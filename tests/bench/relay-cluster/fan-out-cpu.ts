import { once } from 'node:events';
import { WebSocket } from 'ws';
import { connectHost, DeviceKey, HostKey, type RelayClient } from '../../support/relay-clients.ts';
import { figure, median, type Figure } from '../figure.ts';
import { BenchProcess, startRelay, type BenchRelay } from '../relay/processes.ts';
import { startCluster, Stops } from './cluster.ts';
import { cpuMs } from './cpu.ts';
import { connectToHost } from './device.ts';

export interface FanOutCpuOptions {
  /** The first is thrown away. */
  readonly rounds: number;
  readonly devices: number;
  /** In a round, to all devices each. */
  readonly events: number;
}

const DEFAULTS: FanOutCpuOptions = { rounds: 7, devices: 100, events: 300 };
const GOAL = 0.75;
const BYTES = 200;
const EVERY_MS = 10;
const LIMIT_MS = 60_000;
const SLOT_BYTES = 4;
const SERVER = `${import.meta.dirname}/fan-out-server.mjs`;

/** Sends one event to all devices; `came` counts what has arrived. */
interface FanOut {
  readonly pids: readonly number[];
  send(): void;
  came(): number;
}

const WAYS = ['loop', 'addressed', 'relay', 'cluster'] as const;
type Way = (typeof WAYS)[number];

/**
 * The processor's time of one delivery while a host's events go to 100 devices, against servers that do the
 * same by `ws.send`: one frame to all (nothing sealed), and a frame for each (as what is sealed has to).
 */
export async function benchFanOutCpu(options: FanOutCpuOptions = DEFAULTS): Promise<Figure[]> {
  const stops = new Stops();
  try {
    const ways: Record<Way, FanOut> = {
      loop: await bare(stops, 'loop', options.devices),
      addressed: await bare(stops, 'addressed', options.devices),
      relay: await oneRelay(stops, options.devices),
      cluster: await twoNodes(stops, options.devices),
    };
    const took: Record<Way, number[]> = { loop: [], addressed: [], relay: [], cluster: [] };
    for (let round = 0; round <= options.rounds; round += 1)
      for (const way of WAYS) {
        const one = await perDelivery(ways[way], options);
        if (round > 0) took[way].push(one);
      }
    const over = (way: Way, base: Way): number =>
      median(took[way].map((us, i) => us / (took[base][i] ?? Number.NaN)));
    const each = 'of the processor for a delivery';
    return [
      figure(`${each}, ws.send loop, one frame to all`, median(took.loop), 'µs'),
      figure(`${each}, ws.send for each addressed frame`, median(took.addressed), 'µs'),
      figure(`${each}, relay`, median(took.relay), 'µs'),
      figure(`${each}, relay against ws.send for each frame`, over('relay', 'addressed'), '×', {
        atMost: GOAL,
      }),
      figure(`${each}, relay against ws.send of one frame to all`, over('relay', 'loop'), '×'),
      figure(`${each}, host at another node, both nodes`, median(took.cluster), 'µs'),
    ];
  } finally {
    await stops.all();
  }
}

async function perDelivery(way: FanOut, { devices, events }: FanOutCpuOptions): Promise<number> {
  const wanted = way.came() + devices * events;
  const before = cpuMs(way.pids);
  for (let sent = 0; sent < events; sent += 1) {
    way.send();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  const untilMs = Date.now() + LIMIT_MS;
  while (way.came() < wanted) {
    if (Date.now() > untilMs) throw new Error(`${wanted - way.came()} deliveries did not come.`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  return ((cpuMs(way.pids) - before) * 1_000) / (devices * events);
}

async function bare(stops: Stops, way: 'loop' | 'addressed', devices: number): Promise<FanOut> {
  const server = stops.keep(new BenchProcess(SERVER, [way]));
  const { port } = await server.heard<{ port: number }>();
  let arrived = 0;
  for (let i = 0; i < devices; i += 1)
    (await connected(stops, `ws://127.0.0.1:${port}/${i}`)).on('message', () => (arrived += 1));
  const source = await connected(stops, `ws://127.0.0.1:${port}/source`);
  const frames = way === 'loop' ? [Buffer.alloc(BYTES, 7)] : addressed([...numbers(devices)]);
  return {
    pids: [pidOf(server)],
    send: () => frames.forEach((frame) => source.send(frame)),
    came: () => arrived,
  };
}

async function oneRelay(stops: Stops, devices: number): Promise<FanOut> {
  const relay = await startRelay();
  stops.add(async () => await relay.process.stop());
  return await through(stops, relay, relay, devices);
}

async function twoNodes(stops: Stops, devices: number): Promise<FanOut> {
  const { nodes } = stops.keep(await startCluster({ nodes: 2, nats: 1 }));
  const [near, far] = nodes;
  if (near === undefined || far === undefined) throw new Error('There are no two nodes.');
  return await through(stops, near, far, devices);
}

async function through(
  stops: Stops,
  near: BenchRelay,
  far: BenchRelay,
  devices: number,
): Promise<FanOut> {
  const key = new HostKey();
  const host = await connectHost(far, key);
  stops.add(() => host.end());
  let arrived = 0;
  const slots: number[] = [];
  for (let i = 0; i < devices; i += 1) {
    const { ws } = await connectToHost(near, key, new DeviceKey());
    stops.add(() => ws.terminate());
    ws.removeAllListeners('message').on('message', (_, isBinary) => (arrived += isBinary ? 1 : 0));
    slots.push(await slotOpened(host));
  }
  const frames = addressed(slots);
  return {
    pids: [...new Set([pidOf(near.process), pidOf(far.process)])],
    send: () => frames.forEach((frame) => host.send(frame)),
    came: () => arrived,
  };
}

async function slotOpened(host: RelayClient): Promise<number> {
  for (;;) {
    const said = await host.text();
    if (said.type === 'opened') return said.slot;
  }
}

async function connected(stops: Stops, url: string): Promise<WebSocket> {
  const ws = new WebSocket(url, { perMessageDeflate: false });
  stops.add(() => ws.terminate());
  await once(ws, 'open');
  return ws;
}

function addressed(slots: readonly number[]): Buffer[] {
  return slots.map((slot) => {
    const frame = Buffer.alloc(SLOT_BYTES + BYTES, 7);
    frame.writeUInt32BE(slot);
    return frame;
  });
}

const numbers = (count: number): IterableIterator<number> => Array(count).keys();

function pidOf({ child }: BenchProcess): number {
  if (child.pid === undefined) throw new Error('A process has no number.');
  return child.pid;
}
