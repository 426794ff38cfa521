import type { BenchPart } from './host.ts';
import { benchHanded } from './notify/handed.ts';
import { benchNotifyIdle } from './notify/idle.ts';

export { sweep } from './sweep.ts';

const MINUTE_MS = 60_000;

/** The figures of `npm run bench -- notify`. */
export const parts: readonly BenchPart[] = [
  {
    name: 'handed',
    what: 'from an approval to its push at the push service, and from the decision to the withdrawal',
    limitMs: 6 * MINUTE_MS,
    run: async () => await benchHanded(),
  },
  {
    name: 'idle',
    what: 'CPU time of a host that could push and has nothing to',
    limitMs: 4 * MINUTE_MS,
    run: async () => await benchNotifyIdle(),
  },
];
