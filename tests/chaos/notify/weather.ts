import { setTimeout as delay } from 'node:timers/promises';
import {
  guardedPost,
  type GuardedRequest,
  type Posted,
} from '../../../src/outbound/guarded-post.ts';
import type { Answer } from '../../support/scripted-server.ts';
import type { Random } from './random.ts';

/** So long a host waits here for an answer that does not come; 10 s where it is real. */
const HANG_LIMIT_MS = 60;
const MAX_SLOW_MS = 12;

const FAULTS = { busy: 3, error: 3, down: 3, cut: 2, drop: 2, hang: 1 };

/** What the push service and the way to it are like now. */
export class Weather {
  /** In [0, 1]: share of requests that fail. */
  bad = 0;
  readonly faults = new Map<string, number>();
  readonly #random: Random;
  #inFlight = 0;
  #landed: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  answer(): Answer {
    if (!this.#random.is(this.bad)) return 201;
    const fault = this.#random.drawn(FAULTS);
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    switch (fault) {
      case 'busy':
        return { status: 429, retryAfter: String(1 + this.#random.below(120)) };
      case 'error':
        return 500;
      case 'down':
        return { status: 503, ...(this.#random.is(0.5) && { retryAfter: '30' }) };
      default:
        return fault;
    }
  }

  /** The real way over HTTP, slow at times. */
  post = async (request: GuardedRequest): Promise<Posted> => {
    this.#inFlight += 1;
    try {
      if (this.#random.is(this.bad / 2)) await delay(this.#random.below(MAX_SLOW_MS));
      return await guardedPost({ ...request, limitMs: HANG_LIMIT_MS });
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) for (const tell of this.#landed.splice(0)) tell();
    }
  };

  /** Nothing is on its way any more, nor follows from what was. */
  settled = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3;) {
      if (this.#inFlight > 0) {
        quiet = 0;
        await new Promise<void>((resolve) => this.#landed.push(resolve));
      } else {
        quiet += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
}
