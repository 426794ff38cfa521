import type { HolderEffects, HolderSensors } from '../protocol/holder.ts';

/**
 * Something that ends with the process that holds it: a lock of the system, a child that holds one,
 * a request on a bus. SIGKILL of the holder ends it too.
 */
export interface Lock {
  /** For the log: `systemd-inhibit idle`. */
  readonly name: string;
  /** Throws {@link NotHeld}. Taking what is held does nothing. */
  take(why: string): Promise<void>;
  /**
   * May come at any time, twice, and while a `take` is under way, which it ends: after it nothing is
   * held, whatever the `take` says. Does not throw when there is nothing to let go.
   */
  letGo(): Promise<void>;
  /** It was lost without our doing; never called for a `letGo`, nor for a `take` that threw. */
  readonly onLost: (listener: () => void) => void;
}

/**
 * A setting of the system that outlives every process of ours, and is changed only with its old value
 * in the journal.
 */
export interface Setting {
  /** Same for the same setting in every home of this user: `powercfg <scheme> LIDACTION ac`. */
  readonly id: string;
  /** In words, to begin a sentence with: `What closing the lid does on battery`. */
  readonly label: string;
  /** What it has to be, as `read` tells it. */
  readonly ours: string;
  /** null: it is not set. Throws when it cannot be known. */
  read(): Promise<string | null>;
  /** Done when it returns, so that `read` tells it; a tool that hangs is killed with SIGKILL. */
  write(value: string | null): Promise<void>;
  /** The system itself may lose it in a sleep: written again after a wake, and every 60 s. */
  readonly isLostInSleep: boolean;
}

/** It was refused, or there is nothing to take it with. */
export class NotHeld extends Error {
  /** What a person can do about it. */
  readonly fix: string | null;

  constructor(message: string, fix: string | null = null) {
    super(message);
    this.fix = fix;
  }
}

export interface PlatformEvents {
  sensors(sensors: HolderSensors): void;
  /** Our locks or settings may have changed: look again. */
  changed(): void;
  sleeping(): void;
  woke(): void;
}

/**
 * What one operating system can do. Everything that asks the system is done within 10 s, or throws; the
 * holder gives up what takes longer all the same. Making one does nothing and asks nothing: the
 * watchdog and `--undo` make one for `settingNamed` alone.
 */
export interface Platform {
  /** Against idle sleep; all of them are taken, and one that holds is enough. Told apart by name: the same name is the same lock. */
  idleLocks(): Promise<readonly Lock[]>;
  /** Against sleep by the lid, beside those against idle sleep. */
  lidLocks(): Promise<readonly Lock[]>;
  /**
   * For the lid; empty where no setting is changed, or no consent was given. Asked again every 60 s and
   * on `changed`: one that is named no longer is put back.
   */
  lidSettings(): Promise<readonly Setting[]>;
  /** All settings that it could ever change, to undo what an older holder left in the journal. */
  settingNamed(id: string): Setting | null;
  /**
   * Reads back what is in effect now. Where it is not, the holder says why a lock or setting of its own
   * failed in place of the reason given here.
   */
  effects(): Promise<HolderEffects>;
  sensors(): Promise<HolderSensors>;
  /** Tells of changes until the returned end. Costs next to nothing while nothing changes. */
  watch(events: PlatformEvents): () => void;
  /** Keeps the machine from sleeping before `sleeping` was answered; null where it cannot be delayed. */
  readonly delay: Lock | null;
  /** The lid was closed while it is held: turn the display off; nothing where the system does it. */
  displayOff(): Promise<void>;
  /** Let go behind a closed lid: some systems evaluate the lid only when it moves. */
  sleepIfLidClosed(): Promise<void>;
  sleepNow(): Promise<void>;
  setUp(undo: boolean): Promise<string>;
}
