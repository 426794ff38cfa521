/** What the policy asks of the machine's files; all of it at once, and never throwing. */
export interface PathWorld {
  /** The person's home folder. */
  readonly home: string;
  readonly windows: boolean;
  /** Two spellings that differ in case name one file. */
  readonly foldsCase: boolean;
  /** Links resolved; null where there is nothing, or nothing that may be looked at. */
  realpath(path: string): string | null;
  /** Where a link points to; null when it is none. */
  readlink(path: string): string | null;
  /** The beginning of a regular file, for looking into scripts; null when it cannot be read. */
  readStart(path: string, bytes: number): string | null;
}
