import type { BenchPart } from './host.ts';
import { benchMemory } from './memory.ts';
import { benchRestart } from './restart.ts';

export { sweep } from './sweep.ts';

const MINUTE_MS = 60_000;

/** The figures of `npm run bench -- survive`. */
export const parts: readonly BenchPart[] = [
  {
    name: 'restart',
    what: 'the host is killed while surfaces follow',
    limitMs: 6 * MINUTE_MS,
    run: benchRestart,
  },
  {
    name: 'memory',
    what: 'a very long session, and a thousand prompts',
    limitMs: 20 * MINUTE_MS,
    run: benchMemory,
  },
];
