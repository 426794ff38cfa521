import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import type { KeptHead } from '../../src/connection/device/audit-watch.ts';
import type { LinkFacts } from '../../src/connection/device/link-facts.ts';
import type { Role } from '../../src/protocol/devices.ts';
import type { CommandId, SessionId } from '../../src/protocol/ids.ts';
import type { ServiceStatus } from '../../src/protocol/reach.ts';
import type { PromptPart } from '../../src/protocol/transcript/content.ts';
import type { World } from '../state/host-context.tsx';
import type { PushHere } from './push/push-here.ts';

/** A host that this phone is paired with. */
export interface KnownHost {
  /** From the pairing: tells two hosts of one name apart. */
  readonly id: string;
  readonly name: string;
  /** This phone as the host knows it; of the last `hello`, else of the pairing. */
  readonly device: { readonly id: string; readonly name: string; readonly role: Role };
  /** The relay's address. */
  readonly relay: string;
  /** When something of the host itself last arrived here; null: never since the pairing. */
  readonly seenAtMs: number | null;
  /** What brings it back after a reboot, as it said last; absent: it did not. */
  readonly service?: ServiceStatus;
  /** When it was ended by hand, and not heard of since. */
  readonly stoppedAtMs?: number | null;
}

/** A prompt that this phone has and the host may not have yet. */
export interface OutboxEntry {
  readonly commandId: CommandId;
  readonly sessionId: SessionId;
  readonly prompt: readonly PromptPart[];
  readonly queuedAtMs: number;
  /**
   * `left`: the relay has it for the host, which does it also without this phone. `refused`: the host
   * said no, or it is too old; it stays until the person puts it away.
   */
  readonly state: 'waiting' | 'left' | 'mayBeLeft' | 'sending' | 'refused';
  /** When the relay took it. */
  readonly leftAtMs: number | null;
  /** Why it was refused, in words. */
  readonly problem: string | null;
}

/** The host on screen. */
export interface OpenHost {
  readonly id: string;
  /** `surface: 'phone'`; its `acts.send` goes through the outbox and resolves once that has it. */
  readonly world: World;
  /** How it tells this phone something while the page is closed. */
  readonly push: PushHere;
}

export interface PhoneState {
  readonly hosts: readonly KnownHost[];
  /** null: no host is known yet, or none was chosen. */
  readonly open: OpenHost | null;
  /** Of the open host. */
  readonly facts: LinkFacts;
  /** What is on screen was true then, and comes from this phone's own storage; null: it is live. */
  readonly cachedAtMs: number | null;
  /** Of the open host, oldest first. */
  readonly outbox: readonly OutboxEntry[];
  /** What this phone saw last of the open host's audit log; null: nothing yet. */
  readonly audit: KeptHead | null;
  /** Whether the browser promised to keep what is stored here. */
  readonly storage: 'kept' | 'mayBeCleared' | 'unknown';
  /** `offered`: the browser can ask now; `byHand`: through the share menu (iOS). */
  readonly install: 'installed' | 'offered' | 'byHand' | 'no';
  readonly version: string;
}

/** Everything a person can do that is about this phone and not about one host's sessions. */
export interface PhoneActs {
  openHost(id: string): void;
  /** Forgets its keys, its history and what waits for it. The host still lists the phone. */
  forgetHost(id: string): Promise<void>;
  /** Takes back what has not been sent, or puts away what was refused. */
  cancelQueued(commandId: CommandId): Promise<void>;
  /** Asks the host itself, end to end; the answer shows in `facts.checked`. Also tries the way again. */
  checkNow(): void;
  /** Asks the browser to keep the storage; false when it will not promise. */
  keepStorage(): Promise<boolean>;
  /** The person has read what is wrong with the audit log. */
  dismissAudit(): Promise<void>;
  /** Only while `install` is `offered`. */
  install(): Promise<void>;
}

/** What the phone's screens work with; made in main.tsx, faked in tests. */
export interface PhoneWorld {
  readonly store: StoreApi<PhoneState>;
  readonly acts: PhoneActs;
}

/** The pairing screen's side of the contract: the shell shows it at `#/pair` and on first start. */
export interface PairingProps {
  /** False on first start: there is nothing to go back to. */
  readonly canLeave: boolean;
  /** Goes back; after a pairing the new host is open already. */
  readonly onLeave: () => void;
}

export const PhoneContext = createContext<PhoneWorld | null>(null);

export function usePhoneWorld(): PhoneWorld {
  const phone = useContext(PhoneContext);
  if (phone === null) throw new Error('usePhoneWorld is used outside of PhoneContext');
  return phone;
}

export function usePhone<T>(pick: (state: PhoneState) => T): T {
  return useStore(usePhoneWorld().store, pick);
}
