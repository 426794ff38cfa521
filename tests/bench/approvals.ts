import { benchCorpus } from './approvals/corpus.ts';
import { benchPolicy } from './approvals/policy.ts';
import { benchThroughRelay } from './approvals/through-relay.ts';
import type { BenchPart } from './host.ts';

export { sweep } from './sweep.ts';

const MINUTE_MS = 60_000;

/** The figures of `npm run bench -- approvals`. */
export const parts: readonly BenchPart[] = [
  {
    name: 'policy',
    what: 'what the rules say of a call, with as many of them as there may be',
    limitMs: 3 * MINUTE_MS,
    run: benchPolicy,
  },
  {
    name: 'corpus',
    what: 'commands written to slip through the rules',
    limitMs: MINUTE_MS,
    run: benchCorpus,
  },
  {
    name: 'through-relay',
    what: 'an agent asks and a paired phone decides, against an answer in process',
    limitMs: 6 * MINUTE_MS,
    run: async () => await benchThroughRelay(),
  },
];
