/**
 * What a confined process sees of a path and all below it, unless a deeper path says otherwise.
 * `private`: an empty folder of its own, gone with it. `hidden`: nothing, and not its sockets either.
 */
export type Access = 'read' | 'write' | 'private' | 'hidden';

/** Absolute, links resolved, there at this moment. What is not named is only read. */
export interface Seen {
  readonly path: string;
  readonly access: Access;
  readonly isFolder: boolean;
}

export interface Run {
  readonly command: string;
  readonly args: readonly string[];
}

export type Probe =
  | { readonly works: true; readonly sandbox: Confiner }
  /** In words for people: what is missing, and what to do. */
  | { readonly works: false; readonly why: string; readonly fix: string };

/** A sandbox that works on this machine. */
export interface Confiner {
  /** As `agent.started` names it. */
  readonly name: string;
  /** The same run, confined. `seen`: deeper paths after those that they are in. */
  wrap(run: Run, seen: readonly Seen[]): Run;
}

/** What keeps an agent's process in its folder, where the platform has something that does. */
export interface Sandbox {
  /** Tries it. What was found to work is not tried again. */
  probe(): Promise<Probe>;
}

/** Those that are in a folder after it, so that the last word about a path is the deepest. */
export function deepestLast(seen: readonly Seen[]): Seen[] {
  const depth = ({ path }: Seen) => path.split('/').filter((part) => part !== '').length;
  return seen.toSorted((a, b) => depth(a) - depth(b) || (a.path < b.path ? -1 : 1));
}
