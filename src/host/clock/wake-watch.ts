import { sleptMs, type ClockSources } from './clock.ts';

/**
 * A wake that nobody tells of is to be seen within 5 s. Not less: a host that nobody uses wakes the
 * processor this often, for 0.1 ms each time.
 */
const LOOK_MS = 4_000;
/** A busy machine is late by less. */
const AWAY_MS = 10_000;
/** The clock is corrected by less than this all the time. */
const SET_MS = 10_000;
/** The two clocks that are compared are read one after the other, one of them in steps of 10 ms. */
const SLEPT_MS = 1_000;

export interface Gap {
  /** How long nothing of this process ran: the machine slept, or the process was stopped. */
  readonly awayMs: number;
  /** By how much the wall clock was set, forward or back. */
  readonly clockSetMs: number;
  /** How long the machine slept; null where that cannot be told from a stop of this process. */
  readonly sleptMs: number | null;
}

/** How long the machine slept in it, as well as can be told; 0: it did not. */
export function sleptIn({ awayMs, sleptMs: slept }: Gap): number {
  if (slept !== null) return slept >= SLEPT_MS ? slept : 0;
  return awayMs > AWAY_MS ? awayMs : 0;
}

export function isWorthALook(gap: Gap): boolean {
  return sleptIn(gap) > 0 || gap.awayMs > AWAY_MS || Math.abs(gap.clockSetMs) > SET_MS;
}

/**
 * Sees by the clocks that the machine slept or that somebody set its clock, on every system the same
 * way: what a look expects to have passed is compared with what has.
 */
export class WakeWatch {
  readonly #sources: ClockSources;
  readonly #repeat: typeof every;
  #wallMs = 0;
  #uptimeMs = 0;
  #sleptMs: number | null = null;
  #stop: () => void = () => {};

  constructor(sources: ClockSources, repeat: typeof every) {
    this.#sources = sources;
    this.#repeat = repeat;
    this.take();
  }

  /** `seen` is told of each gap {@link isWorthALook}. Returns the end. */
  start(seen: (gap: Gap) => void): () => void {
    this.take();
    this.#stop = this.#repeat(LOOK_MS, () => {
      const gap = this.take();
      if (isWorthALook(gap)) seen(gap);
    });
    return () => this.#stop();
  }

  /** What is between the last look and now; told once. */
  take(): Gap {
    const { wallMs, uptimeMs } = this.#sources;
    const [wall, uptime, slept] = [wallMs(), uptimeMs(), sleptMs(this.#sources)];
    const passedMs = uptime - this.#uptimeMs;
    const gap: Gap = {
      awayMs: Math.round(Math.max(0, passedMs - LOOK_MS)),
      clockSetMs: Math.round(wall - this.#wallMs - passedMs),
      sleptMs: slept === null || this.#sleptMs === null ? null : Math.round(slept - this.#sleptMs),
    };
    [this.#wallMs, this.#uptimeMs, this.#sleptMs] = [wall, uptime, slept];
    return gap;
  }
}

/** Again and again, and no reason to keep a process alive. Returns its end. */
export function every(delayMs: number, look: () => void): () => void {
  const timer = setInterval(look, delayMs).unref();
  return () => clearInterval(timer);
}
