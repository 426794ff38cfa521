import type { BenchPart } from './host.ts';
import { benchFanOutCpu } from './relay-cluster/fan-out-cpu.ts';
import { benchHop } from './relay-cluster/hop.ts';
import { benchIdleGrowth } from './relay-cluster/idle-growth.ts';
import { benchKills } from './relay-cluster/kills.ts';
import { benchPeers } from './relay-cluster/peers.ts';
import { benchSealedHop } from './relay-cluster/sealed-hop.ts';
import { benchStorm } from './relay-cluster/storm.ts';

export { sweep } from './sweep.ts';

const MINUTE_MS = 60_000;

/** The figures of `npm run bench -- relay-cluster`. */
export const parts: readonly BenchPart[] = [
  {
    name: 'hop',
    what: 'a frame and its answer across two nodes over NATS, against one node',
    limitMs: 8 * MINUTE_MS,
    run: benchHop,
  },
  {
    name: 'sealed-hop',
    what: 'the same, sealed, against two servers of socket.io over Redis',
    limitMs: 6 * MINUTE_MS,
    run: benchSealedHop,
  },
  {
    name: 'fan-out',
    what: "the processor's time of a delivery to one of 100 devices, against ws.send",
    limitMs: 6 * MINUTE_MS,
    run: benchFanOutCpu,
  },
  {
    name: 'kills',
    what: 'how long nothing comes back when a node or a NATS server is killed',
    limitMs: 6 * MINUTE_MS,
    run: benchKills,
  },
  {
    name: 'idle',
    what: 'memory of a node with 20,000 idle devices, against a bare ws server with as many',
    limitMs: 20 * MINUTE_MS,
    run: benchIdleGrowth,
  },
  {
    name: 'storm',
    what: 'all devices of a killed node come back: 20,000 admitted, 1,000 sealed',
    limitMs: 20 * MINUTE_MS,
    run: benchStorm,
  },
  {
    name: 'peers',
    what: 'what others do for the same: socket.io over Redis, the hub of hapi',
    limitMs: 8 * MINUTE_MS,
    run: benchPeers,
  },
];
