/** A command line written to slip through rules that allow other commands. */
export interface Attack {
  readonly line: string;
  /** Running it in bash makes the file `owned`, or removes the file `victim`: a test does so. */
  readonly proven: boolean;
}

/** They show in bash what they do; `pwn` stands for whatever nobody allowed. */
export function proven(...lines: readonly string[]): Attack[] {
  return lines.map((line) => ({ line, proven: true }));
}

/** They need another shell, another program, or a version of one. */
export function told(...lines: readonly string[]): Attack[] {
  return lines.map((line) => ({ line, proven: false }));
}
