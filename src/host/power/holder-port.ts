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
  /** It came, with what it sees; or went, or could not be started: see {@link problem}. */
  readonly reached: Emitter<HolderReading | null>;
  /** Why it cannot be reached, in words; null: it can, or nobody has tried. */
  readonly problem: string | null;
  /** Has it started where none runs; `reached` tells. Doing it again changes nothing. */
  start(): void;
  /** Finds one that an earlier host has left, and starts none. False: there is none. */
  find(): Promise<boolean>;
  /**
   * Replaces the want before and renews its lease; nothing wanted is a want too. It is not said again
   * to a holder that was started anew: `reached` tells of that.
   */
  want(want: HolderWant): Promise<HolderReading>;
  /** Reads everything anew. */
  look(): Promise<HolderReading>;
  readyToSleep(): Promise<void>;
  sleepNow(): Promise<void>;
  /** Asks a person for consent where the system needs it: minutes. */
  setUp(undo: boolean): Promise<{ readonly message: string; readonly effects: HolderEffects }>;
  /** It undoes everything and ends. Nothing happens where none runs. */
  stop(): Promise<void>;
  /** Leaves it alone: it goes on for the rest of its lease. */
  close(): void;
}
