import type { Emitter } from '../../base/emitter.ts';
import type {
  HolderEffects,
  HolderNotice,
  HolderSensors,
  HolderWant,
} from '../../protocol/holder.ts';

export interface HolderReading {
  readonly effects: HolderEffects;
  readonly sensors: HolderSensors;
}

/**
 * The holder as the host sees it: a process of its own that is started when it is first needed, and
 * again when it is gone. Every call has a deadline and throws after it.
 */
export interface HolderPort {
  readonly notices: Emitter<HolderNotice>;
  /** It came, with what it sees; or went. */
  readonly reached: Emitter<HolderReading | null>;
  /** Replaces the want before and renews its lease; nothing wanted is a want too. */
  want(want: HolderWant): Promise<HolderReading>;
  /** Reads everything anew. */
  look(): Promise<HolderReading>;
  readyToSleep(): Promise<void>;
  sleepNow(): Promise<void>;
  /** Asks a person for consent where the system needs it: minutes. */
  setUp(undo: boolean): Promise<{ readonly message: string; readonly effects: HolderEffects }>;
  /** It undoes everything and ends. */
  stop(): Promise<void>;
  /** Leaves it alone: it goes on for the rest of its lease. */
  close(): void;
}
