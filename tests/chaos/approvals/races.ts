import { play, type Step } from './model.ts';
import { VirtualTime } from './virtual-time.ts';

export interface RacesOptions {
  readonly runs: number;
  readonly seed: number;
  say(line: string): void;
}

export interface RacesResult {
  readonly runs: number;
  readonly tookMs: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly wrong: readonly string[];
}

const MIN_STEPS = 6;
const MAX_STEPS = 25;
const SAY_EVERY_MS = 15_000;
/** After so many the rest say nothing new. */
const MAX_WRONG = 20;

/** Plays interleavings as the seed says, each on a world of its own. */
export async function races({ runs, seed, say }: RacesOptions): Promise<RacesResult> {
  const random = randomOf(seed);
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  const beganAt = performance.now();
  let saidAt = beganAt;
  let done = 0;
  for (; done < runs && wrong.length < MAX_WRONG; done += 1) {
    const plan = planOf(random);
    const played = await play(plan, done, new VirtualTime());
    for (const [name, times] of played.counts) counts.set(name, (counts.get(name) ?? 0) + times);
    if (played.wrong.length > 0)
      wrong.push(`interleaving ${done}: ${played.wrong.join('; ')} (${JSON.stringify(plan)})`);
    if (performance.now() - saidAt < SAY_EVERY_MS) continue;
    saidAt = performance.now();
    const perSecond = Math.round((done / (saidAt - beganAt)) * 1_000);
    say(`${done} interleavings, ${perSecond} a second, ${wrong.length} wrong`);
  }
  return { runs: done, tookMs: performance.now() - beganAt, counts, wrong };
}

function planOf(random: () => number): Step[] {
  const steps = MIN_STEPS + (random() % (MAX_STEPS - MIN_STEPS));
  return Array.from({ length: steps }, () => [random() % 256, random() % 256, random() % 256]);
}

/** mulberry32: small, and the same everywhere. Whole numbers of 32 bits. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
