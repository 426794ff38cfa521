import type { CommandForm, Objection, ShellWord } from './command-line.ts';

/** What is known of the arguments of a command. */
export interface Judged {
  readonly objections: Objection[];
  readonly otherForms: Omit<CommandForm, 'lacksPrivilege'>[];
  readonly changes: ShellWord[];
  /** Commands that it runs itself, as `find -exec` does. */
  readonly runs: ShellWord[][];
  placeFree: boolean;
  runsArguments: boolean;
  isKnown: boolean;
  proposes: 'never' | 'exactly' | null;
  /** The shortest words that a rule would name. */
  proposed: number;
  enters: ShellWord | null;
}

export interface Judge extends Judged {
  object(at: number, why: string, unlessInside?: string): void;
  /** Judges the words from an index on as those of another tool. */
  judgeAs(tool: Tool, words: readonly ShellWord[], from: number): void;
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
  /** Options with any value, after `=` or as the next word. */
  readonly values?: ReadonlySet<string>;
  /** Of `values`: in every version the next word is the value, whatever it is. */
  readonly sureValues?: ReadonlySet<string>;
  /** Options with a value that must be one of these. */
  readonly checked?: ReadonlyMap<string, RegExp>;
  /** `-name` is one option, not a cluster. */
  readonly longWithOneDash?: true;
  /** `-12` is a number of lines. */
  readonly numbers?: true;
  /** What is said against an operand; null: nothing. */
  readonly operands?: (word: ShellWord, nth: number) => string | null;
  /** Operands name code or its settings: they must be inside the session's folder. */
  readonly inside?: true;
  /** First operand → the tool that it makes of it; one that is not there is objected to. */
  readonly subs?: ReadonlyMap<string, Tool>;
  /** With `subs`: the arguments of one that is not there. */
  readonly otherwise?: Tool;
  /** With `subs`: options before the first operand that may be left out, without a value. */
  readonly droppable?: ReadonlySet<string>;
  /** With `subs`: an option before the first operand whose value is a folder to work in. */
  readonly place?: string;
  /** What comes after `--`: arguments of another program. */
  readonly passesOn?: Tool;
  /** The first operand is a program of the project, and this its arguments. */
  readonly script?: Tool;
  /** Without an operand it runs what it reads. */
  readonly readsCode?: true;
  /** Which operands it writes, moves or deletes. */
  readonly changes?: 'all' | 'last';
  /** The programs that xargs finds under this name have no option that does harm. */
  readonly fileNames?: true;
  /** What it does depends on the folder only in which files it reads. */
  readonly placeFree?: true;
  /** Where a list of options does not tell. */
  readonly judge?: (words: readonly ShellWord[], from: number, to: Judge) => void;
  /** Its arguments are commands, or a program of their own: they are only guessed at. */
  readonly runsArguments?: true;
  /** No rule for it is ever proposed (`never`), or only the words as they are (`exactly`). */
  readonly proposes?: 'never' | 'exactly';
}

/** A list of words, as a set. */
export function list(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''));
}
