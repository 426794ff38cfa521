import { z } from 'zod';

/**
 * A copy of one home, as `porchlight backup` writes it and `porchlight restore` reads it: a tar.gz
 * with the manifest first, then the history, then the rest. The names are relative to the home.
 */
export const MANIFEST = 'porchlight-backup.json';
export const HISTORY = 'porchlight.db';
/** What belongs to a person: not logs, sockets, agents, caches, locks and spools. */
export const KEPT_FILES = ['config.json', 'rules.json'] as const;
export const KEPT_FOLDERS = ['worktrees', 'demo'] as const;

export const manifestSchema = z.object({
  porchlightBackup: z.literal(1),
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** Where the home was: worktrees are tied to their repositories by whole paths. */
  home: z.string(),
  sessions: z.number().int(),
});
export type Manifest = z.infer<typeof manifestSchema>;
