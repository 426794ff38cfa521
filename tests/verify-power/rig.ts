import type { HolderAnswer, HolderEffects, HolderSensors } from '../../src/protocol/holder.ts';
import type { Found } from './steps.ts';

export interface Reading {
  readonly effects: HolderEffects;
  readonly sensors: HolderSensors;
}

/** One holder, from a host's side. */
export interface HolderSession {
  readonly pid: number;
  want(want: { readonly idle: boolean; readonly lid: boolean }): Promise<Reading>;
  look(): Promise<Reading>;
  setUp(undo: boolean): Promise<Extract<HolderAnswer, { do: 'setUp' }>>;
  /** Goes without a word, as a host that crashes. */
  leave(): void;
  /** It undoes everything and ends. */
  stop(): Promise<void>;
  /** Whether its process is still there. */
  isAlive(): boolean;
}

/** What the machine says by its own tools, asked beside the holder. */
export interface SystemView {
  about(): Promise<Readonly<Record<string, string>>>;
  /** All that a holder may change and that outlives it: compared before and after. */
  settings(): Promise<Readonly<Record<string, string>>>;
  /** Is this holder listed as keeping the machine from idle sleep? `holds`: yes, no, cannot be asked. */
  idle(holderPid: number): Promise<Found>;
  /** Would a lid that is closed now leave the machine awake, by what this holder did? */
  lid(holderPid: number): Promise<Found>;
  /** Of its watchdog, while it has one. */
  watchdogOf(holderPid: number): Promise<number | null>;
}

/** The machine, and how holders are started and ended on it. */
export interface Rig {
  readonly view: SystemView;
  start(): Promise<HolderSession>;
  /** SIGKILL. */
  kill(pid: number): void;
  /** Ends every holder of this check and puts back what it changed. What it said. */
  undo(): Promise<string>;
  /** Milliseconds on a clock that is never set. */
  nowMs(): number;
  pause(ms: number): Promise<void>;
}

/** Whoever sits in front of the machine; `isThere` false: nobody can be asked. */
export interface Person {
  readonly isThere: boolean;
  agrees(question: string): Promise<boolean>;
  /** Says how many seconds are left, once a second. */
  countDown(what: string, seconds: number, isOver: () => boolean): Promise<void>;
}
