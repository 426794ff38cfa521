import type { StoreApi } from 'zustand/vanilla';
import type { AttentionKind } from '../../../src/protocol/attention.ts';
import type { NotifyTest, PushState } from '../../../src/protocol/push.ts';

/** How one host tells this phone something while no page of it is open. */
export interface PushView {
  /**
   * Whether this browser can at all. `insecure`: a page over plain http. `installFirst`: on iOS only
   * from the home screen. `never`: it has no push.
   */
  readonly can: 'yes' | 'insecure' | 'installFirst' | 'never';
  /** What the person answered the browser; `default`: they were not asked yet. */
  readonly permission: NotificationPermission;
  /** What the person wants of this host; null: nothing was said yet, so that it may be offered. */
  readonly wanted: boolean | null;
  /** The browser is subscribed, and the host has been told so. */
  readonly isOn: boolean;
  /** Which kinds this phone asked for; null: all that the host's policy lets through. */
  readonly kinds: readonly AttentionKind[] | null;
  /** How pushes fare, in the host's words; null: it has no subscription, or was not asked yet. */
  readonly atHost: PushState | null;
  readonly isBusy: boolean;
  /** Why the last thing that was asked for did not come about, in words. */
  readonly problem: string | null;
}

/**
 * The page's side of Web Push for one host. Nothing of it throws: what goes wrong is in `problem`.
 * All that needs the host says so there when it is not connected.
 */
export interface PushHere {
  readonly store: StoreApi<PushView>;
  /** Asks the browser for permission where need be, so only upon a tap. Again: sets the kinds. */
  turnOn(kinds?: readonly AttentionKind[] | null): Promise<void>;
  turnOff(): Promise<void>;
  /** The person was asked and wants none: it is not offered again. */
  decline(): Promise<void>;
  /** Sets what the host knows right (a renewed subscription, the host's new key) and asks how it fares. */
  look(): Promise<void>;
  /** Has the host send this phone something harmless; up to 15 s. */
  test(): Promise<NotifyTest>;
}
