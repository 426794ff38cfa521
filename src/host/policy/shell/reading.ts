import type { ParsedScript } from 'unbash';
import { MAX_LINE_COMMANDS, type ShellWord, type SimpleCommand } from './command-line.ts';

const MAX_REASONS = 20;
const MAX_REASON_CHARS = 300;

/** What has been found of a line so far. */
export class Reading {
  readonly commands: SimpleCommand[] = [];
  readonly writes: ShellWord[] = [];
  readonly reads: ShellWord[] = [];
  readonly #opaque = new Set<string>();

  get opaque(): string[] {
    return [...this.#opaque];
  }

  add(command: SimpleCommand): void {
    if (this.commands.length >= MAX_LINE_COMMANDS) throw new RangeError('too many commands');
    this.commands.push(command);
  }

  cannotRead(why: string): void {
    // Reasons are for people; a hostile line must not make a long list of them.
    if (this.#opaque.size >= MAX_REASONS) return;
    this.#opaque.add(why.length > MAX_REASON_CHARS ? `${why.slice(0, MAX_REASON_CHARS)}…` : why);
  }
}

/** Where in a line a script stands. */
export interface ScriptPlace {
  readonly reading: Reading;
  /** Scripts around this one. */
  readonly depth: number;
  /** Something else may run it, or may not: see `SimpleCommand.guessed`. */
  readonly guessed: boolean;
  readonly background: boolean;
  /** Where `#` begins no comment: pairs of positions in the root script; null outside of it. */
  readonly plain: [number, number][] | null;
  /** Walks a script within this one. */
  walk(script: ParsedScript | undefined, place: ScriptPlace): void;
  /** Reads a text as a line of its own, as `sh -c` does. */
  readAgain(text: string, place: ScriptPlace): void;
}
