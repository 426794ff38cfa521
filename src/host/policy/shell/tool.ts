import type { CommandForm, Objection, ShellWord } from './command-line.ts';

/** What is known of the arguments of a command. */
export interface Judged {
  readonly objections: Objection[];
  readonly otherForms: Omit<CommandForm, 'lacksPrivilege'>[];
  readonly changes: ShellWord[];
  /** Commands that it runs itself, as `find -exec` does. */
  readonly runs: ShellWord[][];
  placeFree: boolean;
  enters: ShellWord | null;
}

export interface Judge extends Judged {
  object(at: number, why: string): void;
}

/**
 * What is known of a program: which of its options do no harm. All others are objected to, so that
 * an abbreviation, or an option that a later version brings, asks.
 */
export interface Tool {
  /** No option and no operand of it runs anything, writes or changes the place. */
  readonly harmless?: true;
  /** Options without a value; one may have one after `=`. */
  readonly flags?: ReadonlySet<string>;
  /** Options with a value, after `=` or as the next word. */
  readonly values?: ReadonlySet<string>;
  /** `-name` is one option, not a cluster. */
  readonly longWithOneDash?: true;
  /** `-12` is a number of lines. */
  readonly numbers?: true;
  /** What else than an option is objected to; null: all pass. */
  readonly operands?: (word: ShellWord, nth: number) => string | null;
  /** First operand → the tool that it makes of it; an operand that is not there is objected to. */
  readonly subs?: ReadonlyMap<string, Tool>;
  /** With `subs`: options before the first operand that may be left out, without a value. */
  readonly droppable?: ReadonlySet<string>;
  /** With `subs`: an option before the first operand whose value is a folder to work in. */
  readonly place?: string;
  /** What comes after `--`, or after the last known word: arguments for another program. */
  readonly passesOn?: Tool;
  /** Which operands it writes, moves or deletes. */
  readonly changes?: 'all' | 'last';
  /** What it does depends on the folder only in which files it reads. */
  readonly placeFree?: true;
  /** Where a list of options does not tell. */
  readonly judge?: (words: readonly ShellWord[], from: number, to: Judge) => void;
  /** Words up to here make the narrowest useful rule; see `proposeWords`. */
  readonly proposes?: 'name' | 'firstOperand' | 'exactly' | 'nothing';
}

/** A list of words, as a set. */
export function list(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''));
}
