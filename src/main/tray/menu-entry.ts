import type { PowerPolicy } from '../../protocol/power.ts';

/** What the menu asks of the host about staying awake. */
export type PowerAction =
  | { readonly do: 'keepAwake'; readonly way: PowerPolicy['keepAwake'] }
  | { readonly do: 'hold'; readonly forSec: number }
  | { readonly do: 'releaseHolds' }
  | { readonly do: 'sleepWhenDone'; readonly on: boolean };

export type TrayAction =
  | { readonly do: 'open' }
  | { readonly do: 'openSession'; readonly sessionId: string }
  | {
      readonly do: 'newSession';
      readonly folder?: string;
      readonly agent?: string;
      readonly mode?: string;
    }
  | {
      readonly do: 'decide';
      readonly approvalId: string;
      readonly hash: string;
      readonly allow: boolean;
    }
  | PowerAction
  | { readonly do: 'openPower' }
  | { readonly do: 'pair' }
  | { readonly do: 'startHost' }
  | { readonly do: 'startAtLogin'; readonly on: boolean }
  | { readonly do: 'quit' }
  | { readonly do: 'stopEverything' };

/** A line without `does` and `below` is there to be read. */
export interface MenuLine {
  readonly label: string;
  readonly does?: TrayAction;
  /** A tick, or the room for one. */
  readonly checked?: boolean;
  readonly below?: readonly MenuEntry[];
}
export type MenuEntry = MenuLine | 'separator';
