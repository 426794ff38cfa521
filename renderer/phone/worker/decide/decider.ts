import type { Asked, Outcome } from '../push/outcome.ts';

/** What a second script of the service worker does, which is loaded where it is needed. */
export interface Decider {
  /** Within 25 s. */
  decide(asked: Asked): Promise<Outcome>;
  /** The browser has given up a subscription, or changed it: another, and the host is told where it can be. */
  renew(hostId: string): Promise<void>;
}

/** Where that script leaves its {@link Decider}. */
export const DECIDER = 'porchlightDecider';
