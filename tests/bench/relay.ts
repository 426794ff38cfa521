import type { BenchPart } from './host.ts';
import { benchFanOut } from './relay/fan-out.ts';
import { benchIdle } from './relay/idle.ts';
import { benchPhonePage } from './relay/phone-page.ts';
import { benchRoundTrip } from './relay/round-trip.ts';
import { benchSealed } from './relay/sealed.ts';

export { sweep } from './sweep.ts';

const MINUTE_MS = 60_000;

/** The figures of `npm run bench -- relay`. */
export const parts: readonly BenchPart[] = [
  {
    name: 'phone-page',
    what: 'what a phone loads before its first screen',
    limitMs: MINUTE_MS,
    run: benchPhonePage,
  },
  {
    name: 'round-trip',
    what: 'a frame and its answer, against a ws echo and a bare splice',
    limitMs: 4 * MINUTE_MS,
    run: benchRoundTrip,
  },
  {
    name: 'sealed',
    what: 'what sealing adds to a relayed text, and to a connection',
    limitMs: 6 * MINUTE_MS,
    run: benchSealed,
  },
  {
    name: 'fan-out',
    what: '100 pages on one busy session of the real host',
    limitMs: 4 * MINUTE_MS,
    run: benchFanOut,
  },
  {
    name: 'idle',
    what: 'memory for each idle device, against a bare ws server',
    limitMs: 6 * MINUTE_MS,
    run: benchIdle,
  },
];
