import { benchAppend } from './append.ts';
import { benchDelay } from './delay.ts';
import type { Figure } from './figure.ts';
import { benchTranscript } from './transcript.ts';
import { benchTray } from './tray.ts';

export { sweep } from './sweep.ts';

export interface BenchPart {
  readonly name: string;
  /** As it is told while it runs. */
  readonly what: string;
  /** An upper bound for a slow machine; past it the part is given up. */
  readonly limitMs: number;
  run(): Promise<Figure[]>;
}

const MINUTE_MS = 60_000;

/** The figures of `npm run bench -- host`, cheap ones first. */
export const parts: readonly BenchPart[] = [
  {
    name: 'append',
    what: 'durable append, against libsql alone',
    limitMs: 3 * MINUTE_MS,
    run: benchAppend,
  },
  {
    name: 'delay',
    what: "the host's delay, against two bare hops",
    limitMs: 4 * MINUTE_MS,
    run: benchDelay,
  },
  {
    name: 'transcript',
    what: 'a very long transcript in Chromium',
    limitMs: 5 * MINUTE_MS,
    run: benchTranscript,
  },
  {
    name: 'tray',
    what: 'start, memory and idle CPU, against a bare Electron tray app',
    limitMs: 12 * MINUTE_MS,
    run: async () => await benchTray({ rounds: 5, settleMs: 6_000, idleMs: 30_000 }),
  },
];
