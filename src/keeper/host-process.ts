import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { backoffMs, type BackoffPolicy } from '../base/backoff.ts';
import type { Logger } from '../base/log.ts';
import { truncateWhenLong } from '../local/line-log.ts';
import { signalQuietly } from './signal.ts';

/** sysexits.h EX_CONFIG: the host refuses to start, and starting it again will not help. */
export const EXIT_REFUSES = 78;
const BACKOFF: BackoffPolicy = { firstMs: 100, maxMs: 10_000 };
/** For one that ran and was killed: it is back within 2 s, however often that is done to it. */
const KILLED_BACKOFF: BackoffPolicy = { firstMs: 100, maxMs: 1_500 };
/** Up this long, it started well; dying after that counts from the beginning. */
export const STARTED_WELL_MS = 10_000;
/** Exits 0 sooner than this are no restart that somebody asked for. */
const TOO_SOON_MS = 1_000;
const TERM_LIMIT_MS = 5_000;
const KILL_LIMIT_MS = 2_000;

export interface HostExit {
  /** Null when a signal ended it, or it could not be started. */
  readonly code: number | null;
  readonly upMs: number;
  /** How often it has died in a row before. */
  readonly failures: number;
  readonly holdsAgents: boolean;
}

export type AfterHostExit =
  | { readonly do: 'restart'; readonly afterMs: number; readonly failures: number }
  | { readonly do: 'leave' };

/** What follows when the host has exited. `random` is in [0, 1). */
export function afterHostExit(exit: HostExit, random: number): AfterHostExit {
  if (exit.code === EXIT_REFUSES)
    return exit.holdsAgents
      ? { do: 'restart', afterMs: BACKOFF.maxMs, failures: exit.failures + 1 }
      : { do: 'leave' };
  if (exit.code === 0 && exit.upMs >= TOO_SOON_MS)
    return { do: 'restart', afterMs: 0, failures: 0 };
  const failures = exit.upMs >= STARTED_WELL_MS ? 1 : exit.failures + 1;
  const wasKilled = exit.code === null && exit.upMs >= TOO_SOON_MS;
  const policy = wasKilled ? KILLED_BACKOFF : BACKOFF;
  return { do: 'restart', afterMs: backoffMs(failures, policy, random), failures };
}

export interface HostCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Where what it prints goes: it logs elsewhere, so this is for its crashes. */
  readonly outputFile: string;
}

export interface HostEvents {
  /** Null when it runs no more. */
  pidChanged(pid: number | null): void;
  holdsAgents(): boolean;
  /** It refuses to start, and there is nothing to keep. */
  gaveUp(): void;
}

/** What to start, asked anew each time, and told how it went. */
export interface HostChoice {
  next(): HostCommand;
  /** `wasAsked`: it left in good order to be started anew. */
  ended(exit: { code: number | null; upMs: number; wasAsked: boolean }): void;
}

/** Keeps one host running. */
export class HostProcess {
  readonly #choice: HostChoice;
  readonly #events: HostEvents;
  readonly #log: Logger;
  readonly #random: () => number;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failures = 0;
  #isStopping = false;

  constructor(choice: HostChoice, deps: { events: HostEvents; log: Logger; random: () => number }) {
    this.#choice = choice;
    this.#events = deps.events;
    this.#log = deps.log;
    this.#random = deps.random;
  }

  start(): void {
    this.#timer = null;
    const startedAt = performance.now();
    const { command, args, env, outputFile } = this.#choice.next();
    truncateWhenLong(outputFile);
    let output: number | null = null;
    try {
      output = openSync(outputFile, 'a', 0o600);
    } catch (error) {
      this.#log.warn(
        { err: String(error) },
        'what the host prints is lost: its file cannot be opened',
      );
    }
    // Its own session: it does not die with the terminal the keeper was started from.
    const child = spawn(command, [...args], {
      env,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output ?? 'ignore', output ?? 'ignore'],
    });
    if (output !== null) closeSync(output);
    this.#child = child;
    const onEnd = (code: number | null, why: string): void => {
      if (this.#child !== child) return;
      this.#child = null;
      this.#onExit(code, performance.now() - startedAt, why);
    };
    child.once('exit', (code, signal) => onEnd(code, signal ?? `code ${code}`));
    child.once('error', (error) => onEnd(null, error.message));
    if (child.pid === undefined) return;
    this.#events.pidChanged(child.pid);
    this.#log.info({ hostPid: child.pid }, 'host started');
  }

  /** SIGTERM, 5 s, SIGKILL; and no restart. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const child = this.#child;
    if (child?.pid === undefined) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    signalQuietly(child.pid, 'SIGTERM');
    if (await isDoneWithin(exited, TERM_LIMIT_MS)) return;
    signalQuietly(child.pid, 'SIGKILL');
    await isDoneWithin(exited, KILL_LIMIT_MS);
  }

  #onExit(code: number | null, upMs: number, why: string): void {
    this.#events.pidChanged(null);
    if (this.#isStopping) return;
    this.#choice.ended({ code, upMs, wasAsked: code === 0 && upMs >= TOO_SOON_MS });
    const next = afterHostExit(
      { code, upMs, failures: this.#failures, holdsAgents: this.#events.holdsAgents() },
      this.#random(),
    );
    this.#log.info({ why, upMs: Math.round(upMs), next }, 'host exited');
    if (next.do === 'leave') return this.#events.gaveUp();
    this.#failures = next.failures;
    this.#timer = setTimeout(() => this.start(), next.afterMs);
  }
}

async function isDoneWithin(done: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>(
    (resolve) => (timer = setTimeout(() => resolve(false), limitMs)),
  );
  const result = await Promise.race([done.then(() => true), limit]);
  clearTimeout(timer);
  return result;
}
