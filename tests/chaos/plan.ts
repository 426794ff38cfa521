/** What a chaos run will do, all of it drawn from the seed before it begins. Times are milliseconds from its start. */
export type Action =
  | { readonly atMs: number; readonly do: 'killHost' | 'killKeeper' | 'killAll' | 'restartHost' }
  | {
      readonly atMs: number;
      readonly do: 'killAdapter' | 'killBinary' | 'killShell' | 'cut';
      /** Which one, modulo how many there are then. */
      readonly which: number;
    }
  | {
      readonly atMs: number;
      readonly do: 'pause';
      readonly what: 'host' | 'keeper' | 'adapter';
      readonly which: number;
      readonly forMs: number;
    }
  | {
      readonly atMs: number;
      readonly do: 'land' | 'discard' | 'archive' | 'stop' | 'cancel';
      readonly which: number;
    };

/** How often each happens, relative to the others. */
const WEIGHTS: readonly (readonly [Action['do'], number])[] = [
  ['killHost', 7],
  ['killKeeper', 1.5],
  ['killAll', 1.5],
  ['restartHost', 4],
  ['killAdapter', 14],
  ['killBinary', 14],
  ['killShell', 12],
  ['cut', 12],
  ['pause', 12],
  ['cancel', 8],
  ['stop', 3],
  ['archive', 2],
  ['land', 2],
  ['discard', 2],
];
const MEAN_GAP_MS = 900;
const LONGEST_PAUSE_MS = 1_500;
const PAUSED = ['host', 'keeper', 'adapter'] as const;

/** The plan of a run of that length. Equal seeds give equal plans, and a longer one begins as a shorter one does. */
export function planOf(seed: number, lengthMs: number): Action[] {
  const random = randomOf(seed, 'plan');
  const plan: Action[] = [];
  for (let atMs = gap(random); atMs < lengthMs; atMs += gap(random)) {
    const kind = pick(random);
    const which = Math.floor(random() * 1_000);
    const what = PAUSED[Math.floor(random() * PAUSED.length)] ?? 'host';
    const forMs = Math.ceil(random() * LONGEST_PAUSE_MS);
    switch (kind) {
      case 'killHost':
      case 'killKeeper':
      case 'killAll':
      case 'restartHost':
        plan.push({ atMs, do: kind });
        break;
      case 'pause':
        plan.push({ atMs, do: kind, what, which, forMs });
        break;
      default:
        plan.push({ atMs, do: kind, which });
    }
  }
  return plan;
}

/** What one session is asked, step by step, for as long as the run takes. */
export interface Step {
  /** Sent at once, one after the other: all but the first wait. */
  readonly prompts: readonly Prompt[];
  /** Cancelled so long after it was sent; null: not. */
  readonly cancelAfterMs: number | null;
}

export interface Prompt {
  /** Of this prompt alone; a command writes it to a file. */
  readonly marker: string;
  readonly text: string;
  /** How an approval of it is decided. */
  readonly allow: boolean;
  /** A second surface decides at the same moment, the other way round. */
  readonly contested: boolean;
}

const KINDS = [
  ...(['stream', 'stream', 'stream', 'shell', 'shell', 'shell', 'shell', 'slowShell'] as const),
  ...(['slowShell', 'slowShell', 'edit', 'edit', 'child', 'child', 'question', 'flood'] as const),
];

/** The steps of one place in the run. `marksFile` is where commands leave their markers. */
export function* stepsOf(seed: number, place: string, marksFile: string): Generator<Step, never> {
  const random = randomOf(seed, place);
  for (let n = 1; ; n += 1) {
    const count = random() < 0.3 ? 2 + Math.floor(random() * 2) : 1;
    const prompts = Array.from({ length: count }, (_, index): Prompt => {
      const marker = `${place}-${n}-${index + 1}`;
      const kind = KINDS[Math.floor(random() * KINDS.length)] ?? 'stream';
      const text = promptText(kind, marker, marksFile, random);
      return { marker, text, allow: random() < 0.8, contested: random() < 0.2 };
    });
    yield { prompts, cancelAfterMs: random() < 0.15 ? Math.floor(random() * 1_500) : null };
  }
}

function promptText(
  kind: (typeof KINDS)[number],
  marker: string,
  marksFile: string,
  random: () => number,
): string {
  const mark = `echo ${marker} >> '${marksFile}'`;
  const number = (min: number, max: number): number => min + Math.floor(random() * (max - min));
  switch (kind) {
    case 'stream':
      return `SCRIPT:stream n=${number(20, 300)} rate=${number(50, 400)}`;
    case 'shell':
      return `SCRIPT:shell cmd=${mark}`;
    case 'slowShell':
      return `SCRIPT:shell cmd=${mark}; sleep ${(number(2, 30) / 10).toFixed(1)}`;
    case 'edit':
      return `SCRIPT:edit path=${marker}.txt text=${marker}`;
    case 'child':
      return 'SCRIPT:child';
    case 'question':
      return 'SCRIPT:question';
    case 'flood':
      return 'SCRIPT:flood mb=0.5';
  }
}

function pick(random: () => number): Action['do'] {
  const total = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random() * total;
  for (const [kind, weight] of WEIGHTS) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'cut';
}

/** Exponential, so that some come in one burst; at least a tick. */
const gap = (random: () => number): number => Math.ceil(-Math.log(1 - random()) * MEAN_GAP_MS) || 1;

/** Numbers in [0, 1) that depend on the seed and the name alone (mulberry32). */
export function randomOf(seed: number, name: string): () => number {
  let state = seed >>> 0;
  for (const letter of name)
    state = (Math.imul(state ^ letter.charCodeAt(0), 2_654_435_761) + 1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const REAL_KINDS = ['text', 'slow', 'shell', 'edit'] as const;

/** The same for a real agent, in the scripts of its scripted model. */
export function* realStepsOf(seed: number, place: string): Generator<Step, never> {
  const random = randomOf(seed, place);
  for (let n = 1; ; n += 1) {
    const kind = REAL_KINDS[Math.floor(random() * REAL_KINDS.length)] ?? 'text';
    const prompt = {
      marker: `${place}-${n}`,
      text: `SCRIPT:${kind}`,
      allow: random() < 0.8,
      contested: false,
    };
    yield {
      prompts: [prompt],
      cancelAfterMs: random() < 0.2 ? Math.floor(random() * 3_000) : null,
    };
  }
}
