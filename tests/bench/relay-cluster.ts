import type { BenchPart } from './host.ts';
import { benchHop } from './relay-cluster/hop.ts';
import { benchSealedHop } from './relay-cluster/sealed-hop.ts';

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
];
