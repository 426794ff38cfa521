import { randomOf } from '../plan.ts';

/** What is done to a cluster; times are milliseconds from the start of the plan. `which` is modulo how many there are. */
export type RelayAction = { readonly atMs: number; readonly which: number } & (
  | { readonly do: 'killNode' | 'killNats' | 'pauseNode' | 'pauseNats'; readonly forMs: number }
  /** SIGTERM, and started again. */
  | { readonly do: 'restartNode' }
  /** Of all, one after the other. */
  | { readonly do: 'rolling' }
  /** Between one node and NATS. */
  | { readonly do: 'cut' | 'stall'; readonly forMs: number }
  | { readonly do: 'slow'; readonly forMs: number; readonly byMs: number }
  /** A host leaves, as a machine that is switched off. */
  | { readonly do: 'hostAway'; readonly forMs: number }
  /** The same, and its devices leave mail and go before it is back: only the relay can bring it. */
  | { readonly do: 'mail'; readonly forMs: number }
  /** No NATS at all. */
  | { readonly do: 'killAllNats'; readonly forMs: number }
  /** A host ends a pairing for good. */
  | { readonly do: 'revoke' }
  /** A page of a device is closed, and opened anew later. */
  | { readonly do: 'deviceAway'; readonly forMs: number }
);

/** How often each happens, relative to the others. */
const WEIGHTS: readonly (readonly [RelayAction['do'], number])[] = [
  ['killNode', 20],
  ['pauseNode', 8],
  ['restartNode', 12],
  ['rolling', 2],
  ['killNats', 8],
  ['pauseNats', 5],
  ['killAllNats', 2],
  ['cut', 10],
  ['stall', 8],
  ['slow', 10],
  ['hostAway', 12],
  ['mail', 14],
  ['deviceAway', 20],
  ['revoke', 3],
];
const MEAN_GAP_MS = 1_200;
/** Longer than a node without NATS waits before it sends anybody away. */
const LONGEST_CUT_MS = 15_000;
/** Longer than peers wait for one another, shorter than clients for a relay. */
const LONGEST_PAUSE_MS = 7_000;
const LONGEST_DEATH_MS = 3_000;
const LONGEST_AWAY_MS = 4_000;
const LONGEST_DELAY_MS = 150;

/** Equal seeds give equal plans, and a longer one begins as a shorter one does. */
export function relayPlanOf(seed: number, lengthMs: number): RelayAction[] {
  const random = randomOf(seed, 'relay');
  const total = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
  const plan: RelayAction[] = [];
  const gap = () => -Math.log(1 - random()) * MEAN_GAP_MS;
  for (let atMs = gap(); atMs < lengthMs; atMs += gap()) {
    let left = random() * total;
    const kind = WEIGHTS.find(([, weight]) => (left -= weight) < 0)?.[0] ?? 'killNode';
    const which = Math.floor(random() * 1_000);
    const share = random();
    const forMs = (longestMs: number) => Math.ceil(share * longestMs);
    switch (kind) {
      case 'restartNode':
      case 'rolling':
      case 'revoke':
        plan.push({ atMs, which, do: kind });
        break;
      case 'killNode':
      case 'killNats':
      case 'killAllNats':
        plan.push({ atMs, which, do: kind, forMs: forMs(LONGEST_DEATH_MS) });
        break;
      case 'pauseNode':
      case 'pauseNats':
        plan.push({ atMs, which, do: kind, forMs: forMs(LONGEST_PAUSE_MS) });
        break;
      case 'cut':
      case 'stall':
        plan.push({ atMs, which, do: kind, forMs: forMs(LONGEST_CUT_MS) });
        break;
      case 'slow':
        plan.push({
          ...{ atMs, which, do: kind, forMs: forMs(LONGEST_CUT_MS) },
          byMs: Math.ceil(random() * LONGEST_DELAY_MS),
        });
        break;
      case 'hostAway':
      case 'mail':
      case 'deviceAway':
        plan.push({ atMs, which, do: kind, forMs: forMs(LONGEST_AWAY_MS) });
        break;
    }
  }
  return plan;
}
