import { randomOf } from '../plan.ts';
import type { Roughness } from './rough-proxy.ts';

export type SyncAction =
  /** To one device's connection, or to the host's own. */
  | {
      readonly do: 'rough';
      readonly leg: 'device' | 'host';
      readonly which: number;
      readonly how: Roughness;
    }
  | { readonly do: 'killRelay' | 'killHost' | 'cutLocal' }
  /** The page is closed, and another one opened that knows only what was stored. */
  | { readonly do: 'reopen'; readonly which: number }
  /** A second page of the same device, for a moment. */
  | { readonly do: 'secondPage'; readonly which: number; readonly forMs: number };

/** How often each happens, relative to the others. */
const WEIGHTS: readonly (readonly [string, number])[] = [
  ['reset', 400],
  ['truncate', 180],
  ['delay', 180],
  ['flip', 60],
  ['twice', 40],
  ['swap', 40],
  ['halfOpen', 10],
  ['cutLocal', 50],
  ['reopen', 15],
  ['secondPage', 20],
  ['hostLeg', 3],
  ['killRelay', 2],
  ['killHost', 2],
];
const LONGEST_DELAY_MS = 300;
const LONGEST_PAGE_MS = 1_500;
const HOST_LEG = ['reset', 'truncate', 'flip', 'delay'] as const;

/** What is done, in order; equal seeds give equal plans, and a longer one begins as a shorter one does. */
export function syncPlanOf(seed: number, cuts: number): SyncAction[] {
  const random = randomOf(seed, 'sync');
  const total = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
  return Array.from({ length: cuts }, (): SyncAction => {
    let left = random() * total;
    const which = Math.floor(random() * 1_000);
    const forMs = Math.ceil(random() * LONGEST_DELAY_MS);
    const kind = WEIGHTS.find(([, weight]) => (left -= weight) < 0)?.[0] ?? 'reset';
    switch (kind) {
      case 'cutLocal':
      case 'killRelay':
      case 'killHost':
        return { do: kind };
      case 'reopen':
        return { do: kind, which };
      case 'secondPage':
        return { do: kind, which, forMs: Math.ceil(random() * LONGEST_PAGE_MS) };
      case 'hostLeg': {
        const name = HOST_LEG[which % HOST_LEG.length] ?? 'reset';
        return { do: 'rough', leg: 'host', which: 0, how: roughness(name, forMs) };
      }
      default:
        return { do: 'rough', leg: 'device', which, how: roughness(kind, forMs) };
    }
  });
}

function roughness(name: string, forMs: number): Roughness {
  if (name === 'delay') return { do: name, forMs };
  // The names of the table above.
  return { do: name as Exclude<Roughness['do'], 'delay'> };
}
