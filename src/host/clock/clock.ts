import { uptime } from 'node:os';

/** Where a clock's readings come from; tests turn them by hand. */
export interface ClockSources {
  /** The clock on the wall: it may be set, also back. */
  wallMs(): number;
  /** Since the machine started, sleep included; never set. */
  uptimeMs(): number;
  /** Never set, and on some systems it stands still during sleep. */
  monotonicMs(): number;
  /** Since the machine started, without sleep; null where no clock tells that. */
  awakeMs(): number | null;
}

/**
 * Time since the start, sleep included. `os.uptime` is that on Linux (libuv reads /proc/uptime, which is
 * CLOCK_BOOTTIME) and on Windows (GetTickCount64). On macOS it is the wall clock minus the time of
 * boot, to the second; there `performance.now` is mach_continuous_time, which counts sleep
 * (libuv, src/unix/linux.c, src/win/util.c, src/unix/darwin.c; only Linux was measured).
 */
export function clockSourcesFor(platform: NodeJS.Platform): ClockSources {
  const sinceStartMs = () => performance.now();
  return {
    wallMs: () => Date.now(),
    uptimeMs: platform === 'darwin' ? sinceStartMs : () => uptime() * 1_000,
    monotonicMs: sinceStartMs,
    // CLOCK_MONOTONIC on Linux; the other systems' high-resolution clocks count sleep too.
    awakeMs: () => (platform === 'linux' ? Number(process.hrtime.bigint() / 1_000_000n) : null),
  };
}

/** How long the machine has slept since it started; null where no clock tells that. */
export function sleptMs({ uptimeMs, awakeMs }: ClockSources): number | null {
  const awake = awakeMs();
  return awake === null ? null : uptimeMs() - awake;
}

/** What decides when something is over, and what stamps events: two readings of one clock. */
export class Clock {
  readonly #sources: ClockSources;
  readonly #startWallMs: number;
  readonly #startUptimeMs: number;
  #steadyMs: number;
  #stampMs: number;
  #stampMonotonicMs: number;

  constructor(sources: ClockSources) {
    this.#sources = sources;
    this.#startWallMs = sources.wallMs();
    this.#startUptimeMs = sources.uptimeMs();
    this.#steadyMs = this.#startWallMs;
    this.#stampMs = this.#startWallMs;
    this.#stampMonotonicMs = sources.monotonicMs();
  }

  /**
   * The wall clock as it was when this process started, and what has passed since, sleep included. A
   * clock that is set ends nothing early by it, and keeps nothing from ending.
   */
  steadyMs(): number {
    const passedMs = this.#sources.uptimeMs() - this.#startUptimeMs;
    // In steps of 10 ms on Linux, 16 on Windows: it must not seem to step back.
    this.#steadyMs = Math.max(this.#steadyMs, Math.floor(this.#startWallMs + passedMs));
    return this.#steadyMs;
  }

  wallMs(): number {
    return this.#sources.wallMs();
  }

  /**
   * For events: the wall clock, that people know, but never earlier than before in this process. When
   * it is set back, time goes on from where it was, at its pace.
   */
  now(): Date {
    const wallMs = this.#sources.wallMs();
    const monotonicMs = this.#sources.monotonicMs();
    if (wallMs >= this.#stampMs) {
      this.#stampMs = wallMs;
      this.#stampMonotonicMs = monotonicMs;
      return new Date(wallMs);
    }
    const passedMs = Math.max(0, Math.floor(monotonicMs - this.#stampMonotonicMs));
    this.#stampMs += passedMs;
    this.#stampMonotonicMs += passedMs;
    return new Date(this.#stampMs);
  }
}
