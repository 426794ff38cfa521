import { once } from 'node:events';
import { WebSocket } from 'ws';
import { connectDevice, connectHost, DeviceKey, HostKey } from '../../support/relay-clients.ts';
import { figure, median, type Figure } from '../figure.ts';
import { BenchProcess, startRelay } from './processes.ts';

export interface IdleOptions {
  readonly rounds: number;
  readonly devices: number;
}

const DEFAULTS: IdleOptions = { rounds: 5, devices: 3_000 };
const GOAL = 1.1;
/** At once, so that neither end is a queue of handshakes. */
const BATCH = 50;
const LINES_PER_DEVICE = 8;
const KIB = 1_024;

/** What an idle device keeps in the relay's memory, against a connection of a bare `ws` server. */
export async function benchIdle(options: IdleOptions = DEFAULTS): Promise<Figure[]> {
  const rounds: { bare: number; relay: number }[] = [];
  for (let round = 0; round < options.rounds; round += 1)
    rounds.push({
      bare: await bareBytes(options.devices),
      relay: await relayBytes(options.devices),
    });
  return [
    figure('idle connection, bare ws server', median(rounds.map(({ bare }) => bare)) / KIB, 'KiB'),
    figure('idle device, relay', median(rounds.map(({ relay }) => relay)) / KIB, 'KiB'),
    figure(
      'idle device against a connection of a bare ws server',
      median(rounds.map(({ bare, relay }) => relay / bare)),
      '×',
      { atMost: GOAL },
    ),
  ];
}

async function bareBytes(count: number): Promise<number> {
  const server = BenchProcess.script('bare-server.mjs');
  try {
    const { port } = await server.heard<{ port: number }>();
    return await growth(server, count, async () => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
      await once(ws, 'open');
      return ws;
    });
  } finally {
    await server.stop();
  }
}

async function relayBytes(count: number): Promise<number> {
  const relay = await startRelay();
  const key = new HostKey();
  try {
    const host = await connectHost(relay, key);
    let device = new DeviceKey();
    let made = 0;
    return await growth(relay.process, count, async () => {
      if (made % LINES_PER_DEVICE === 0) device = new DeviceKey();
      made += 1;
      return (await connectDevice(relay, key, device)).ws;
    }).finally(() => host.end());
  } finally {
    await relay.process.stop();
  }
}

/** Bytes of resident memory for each of `count` connections, after as many others. */
async function growth(
  server: BenchProcess,
  count: number,
  connect: () => Promise<WebSocket>,
): Promise<number> {
  const open: WebSocket[] = [];
  const more = async (wanted: number): Promise<number> => {
    while (open.length < wanted) {
      const batch = Math.min(BATCH, wanted - open.length);
      open.push(...(await Promise.all(Array.from({ length: batch }, connect))));
    }
    return (await server.memory()).rss;
  };
  try {
    const before = await more(count);
    return ((await more(2 * count)) - before) / count;
  } finally {
    for (const ws of open) ws.terminate();
  }
}
