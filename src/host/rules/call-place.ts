import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { SessionState } from '../../protocol/session/state.ts';
import type { CallPlace } from '../policy/policy.ts';

const MAX_BYTES = 4_096;
const ON_BRANCH = /^ref: refs\/heads\/(\S+)\s*$/;

/** Where a session's agent asks from, as rules see it. */
export function placeOfSession(
  state: Pick<SessionState, 'id' | 'agent' | 'cwd' | 'origin' | 'mode'>,
): CallPlace {
  const { id, agent, cwd, origin, mode } = state;
  return {
    ...{ sessionId: id, agent, cwd, mode },
    base: origin?.root ?? null,
    branch: branchAt(cwd),
  };
}

/**
 * The branch that is checked out around a folder, or null. Read from git's own files (gitrepository-
 * layout(5)), since this is asked inside the transaction of an approval, where no program can be run.
 */
export function branchAt(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const gitFolder = gitFolderIn(at);
    if (gitFolder !== null) {
      const head = readSmall(join(gitFolder, 'HEAD'));
      return (head === null ? null : ON_BRANCH.exec(head)?.[1]) ?? null;
    }
    if (at === dirname(at)) return null;
  }
}

function gitFolderIn(folder: string): string | null {
  const path = join(folder, '.git');
  if (readSmall(join(path, 'HEAD')) !== null) return path;
  const named = /^gitdir: (.+?)\s*$/.exec(readSmall(path) ?? '')?.[1];
  if (named === undefined) return null;
  return isAbsolute(named) ? named : resolve(folder, named);
}

/** A small regular file; anything else, what an agent may have put there included, is null. */
function readSmall(path: string): string | null {
  let fd;
  try {
    const { O_NONBLOCK }: { O_NONBLOCK?: number } = constants;
    fd = openSync(path, constants.O_RDONLY | (O_NONBLOCK ?? 0));
    const found = fstatSync(fd);
    if (!found.isFile() || found.size > MAX_BYTES) return null;
    const bytes = Buffer.alloc(found.size);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    return null;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
