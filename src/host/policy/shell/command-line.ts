/** A word as the shell hands it to a command. */
export interface ShellWord {
  /** null: the text alone does not tell (a variable, a glob, the output of a command). */
  readonly text: string | null;
  /** What it surely begins with; of a word whose text is known, all of it. */
  readonly begins: string;
  /** It may become no word at all, or several; each then begins with `begins`. */
  readonly many: boolean;
  /** Of `~/rest`, unquoted: the rest. Its `text` is null. */
  readonly belowHome?: string;
  /** As it stands in the line. */
  readonly source: string;
}

/** A place that a redirection opens. Copies of descriptors and `/dev/null` are not listed. */
export interface Redirection {
  readonly to: 'read' | 'write';
  readonly target: ShellWord;
}

/** An argument that may run something, write somewhere or change the place, and at which word. */
export interface Objection {
  /** Index into the words of its form. A rule that names this word too has allowed it. */
  readonly at: number;
  readonly why: string;
  /** It falls where this path is inside the session's folder. */
  readonly unlessInside?: string;
}

/** One way to write the same command: as it stands, or without wrappers such as `timeout 5`. */
export interface CommandForm {
  readonly words: readonly ShellWord[];
  readonly objections: readonly Objection[];
  /** It leaves out `sudo` or its kin, so that no rule may allow the command by it. */
  readonly lacksPrivilege: boolean;
  /** It leaves out an option such as `git -C`: the same only where that names the session's folder. */
  readonly inFolder?: ShellWord;
}

/** A command that could run somewhere in the line. */
export interface SimpleCommand {
  /** What runs in the end, without wrappers; the first is its name. */
  readonly words: readonly ShellWord[];
  /** As written first, then with one layer less each. Never empty. */
  readonly forms: readonly CommandForm[];
  readonly redirections: readonly Redirection[];
  /** Files that its arguments make it write, move or delete, as far as its kind is known. */
  readonly changes: readonly ShellWord[];
  readonly background: boolean;
  /** `sudo`, `doas` and the like: the word; null where it runs as the person itself. */
  readonly privilege: string | null;
  /** It stands in a text that something else may run (`eval "…"`, `ssh host …`): a guess. */
  readonly guessed: boolean;
  /** Nothing that it does depends on the folder it runs in but which files it reads. */
  readonly placeFree: boolean;
  /** We know what its options do. */
  readonly isKnown: boolean;
  /** How many of `words` the narrowest useful rule would name; 0: none should. */
  readonly proposes: number;
  /** `cd`: where to; null for each other command. */
  readonly enters: ShellWord | null;
}

/** A command line as bash, zsh and sh would all read it. */
export interface CommandLine {
  readonly text: string;
  /** Every command that could run anywhere in it, in the order of the text. */
  readonly commands: readonly SimpleCommand[];
  /**
   * Why it cannot be read for certain, in words; empty when it can. Then `commands` may lack some,
   * and no rule may allow it.
   */
  readonly opaque: readonly string[];
  /** Every file that a redirection opens for writing, of all commands. */
  readonly writes: readonly ShellWord[];
  readonly reads: readonly ShellWord[];
}

export const MAX_LINE_CHARS = 32 * 1024;
export const MAX_LINE_COMMANDS = 500;
export const MAX_LINE_EXPANSIONS = 250;
/** Substitutions within substitutions, and `sh -c` within `sh -c`. */
export const MAX_LINE_DEPTH = 16;

/** A word whose text is known. */
export function knownWord(text: string, source = text): ShellWord {
  return { text, begins: text, many: false, source };
}

/** A word that may be anything, or, with `begins`, anything that begins so. */
export function unknownWord(source: string, begins = '', many = false): ShellWord {
  return { text: null, begins, many, source };
}

/** The source of the words that `xargs` reads. */
export const FROM_XARGS = '…';

/** It is not an option, whatever it turns out to be. */
export function isOperand(word: ShellWord): boolean {
  return word.begins !== '' ? !word.begins.startsWith('-') : word.text === '';
}

/** A path that cannot leave the folder it is taken from, but by a link. */
export function isSurelyInside({ text, begins, source }: ShellWord): boolean {
  if (/^[/~]|^$/.test(begins) || /(?:^|\/)\.\.(?:\/|$)/.test(text ?? source)) return false;
  return text !== null || !source.includes('..');
}
