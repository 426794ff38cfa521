/**
 * One record that all nodes of a cluster see, and change by compare-and-set; in a cluster of NATS a key
 * of a JetStream bucket. What is read may be old; what is written was the latest, or nothing was.
 */
export interface LeaseStore {
  /** null: there is none yet. Rejects, in words, when that cannot be told within seconds. */
  read(): Promise<LeaseEntry | null>;
  /**
   * Takes the place of the entry of that revision; null: of none. Its own revision, or null where
   * another one stands there. Rejects where it is not known what came of it: it may stand there now.
   */
  write(text: string, over: number | null): Promise<number | null>;
}

export interface LeaseEntry {
  readonly text: string;
  /** Another one at each write. */
  readonly revision: number;
}
