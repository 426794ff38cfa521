import { z } from 'zod';

/** Who has a setting changed: one home, by the process that holds it for that home. */
const claimSchema = z.strictObject({
  /** A hash: the journal is shared by homes that need not know where the others are. */
  home: z.string().max(64),
  pid: z.number().int().positive(),
  startedAt: z.string().max(200),
});
export type Claim = z.infer<typeof claimSchema>;

/** One setting that was changed, or was about to be. */
export const journalEntrySchema = z.strictObject({
  version: z.literal(1),
  id: z.string().max(1_000),
  /** Before the first of all changes; null: it was not set. */
  before: z
    .string()
    .max(64 * 1024)
    .nullable(),
  ours: z.string().max(64 * 1024),
  /**
   * `changing`: the tool that changes it may be at work, and may be so for a while after its holder
   * was killed. `changed`: it was read back.
   */
  phase: z.enum(['changing', 'changed']),
  claims: z.array(claimSchema).max(1_000),
});
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/** The entry of one setting, while nobody else has it. */
export interface JournalCell {
  /** null: there is none, or what was there could not be read and was kept aside. */
  read(): JournalEntry | null;
  /** On disk when it returns. */
  write(entry: JournalEntry): void;
  remove(): void;
}

export interface Journal {
  /** Gives one setting's entry to one holder at a time, of all homes of this user. Throws after 10 s. */
  withEntry<T>(id: string, work: (cell: JournalCell) => Promise<T>): Promise<T>;
  /** Settings with an entry. */
  ids(): readonly string[];
}

/** Which processes are gone is for the system to say. */
export type IsAlive = (claim: Pick<Claim, 'pid' | 'startedAt'>) => Promise<boolean>;
