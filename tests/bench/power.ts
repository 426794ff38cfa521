import type { BenchPart } from './host.ts';
import { benchPowerIdle } from './power/idle.ts';
import { benchKilled } from './power/killed.ts';
import { benchTurns } from './power/turns.ts';

export { sweep } from './sweep.ts';

const MINUTE_MS = 60_000;

/** The figures of `npm run bench -- power`, on a real logind of their own. */
export const parts: readonly BenchPart[] = [
  {
    name: 'turns',
    what: 'from the start of a turn to a hold in the list of logind, and from its end to none',
    limitMs: 5 * MINUTE_MS,
    run: async () => await benchTurns(),
  },
  {
    name: 'killed',
    what: 'SIGKILL of the holder while it holds',
    limitMs: 3 * MINUTE_MS,
    run: async () => await benchKilled(),
  },
  {
    name: 'idle',
    what: 'CPU time and memory while nothing changes',
    limitMs: 8 * MINUTE_MS,
    run: async () => await benchPowerIdle(),
  },
];
