import type { Keepers } from './safe-read.ts';

/**
 * Of the user's own files: theirs or root's, and nobody else may write them. A project's may be
 * written by the user's own group too, which many systems make for each user with the same number:
 * there every checkout is so, and what may loosen is trusted by its content anyway.
 */
export function ownKeepers(of: 'user' | 'project'): Keepers {
  // Where there are no user ids (Windows) the profile's access list protects them.
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined) return { owners: null, ownGroup: null };
  return { owners: [uid, 0], ownGroup: of === 'project' && gid === uid ? gid : null };
}
