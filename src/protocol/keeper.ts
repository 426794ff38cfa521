/**
 * What a host and its keeper say to each other, over the keeper's unix socket or named pipe: one
 * JSON object a line. Types only: the keeper has no dependencies, and both ends are ours, on the
 * same machine, behind a 0600 socket. The keeper checks shapes by hand; the host with zod.
 *
 * Order. The keeper numbers each agent's stdout lines from 1 (`offset`) and keeps them until they
 * are acknowledged. The host numbers its stdin lines from 1 (`n`); the keeper accepts n = last + 1,
 * answers a lower n as done (`duplicate`) and refuses a higher one. So a line crosses once in both
 * directions however often either side is killed (the keeper's own death ends the agents).
 */
export const KEEPER_PROTOCOL = 1;

/**
 * The longest frame: a line of MAX_AGENT_LINE_BYTES as a JSON string, each byte escaped as \u00XX
 * at worst. Only garbage comes near it; a JSON line grows to twice its size at most.
 */
export const MAX_KEEPER_FRAME_BYTES = 6 * 32 * 1024 * 1024 + 64 * 1024;

/** In the environment of every agent and of what it starts, so that leftovers can be found. */
export const AGENT_MARK = 'AGENT_KEEPER_INSTANCE';
/** Beside it: which home's keeper started it. What is marked with another home is another's. */
export const AGENT_OWNER = 'AGENT_KEEPER_HOME';

/** Codes of refusals. Add-only. */
export const REFUSALS = {
  /** Not a request of this protocol. */
  badRequest: 'badRequest',
  /** `hello` comes first. */
  helloFirst: 'helloFirst',
  /** Host and keeper speak different versions of this protocol. */
  wrongProtocol: 'wrongProtocol',
  unknownInstance: 'unknownInstance',
  /** A number was left out of the stdin lines. */
  gap: 'gap',
  /** The agent does not read its stdin: 64 MiB wait. Try again later. */
  busy: 'busy',
  /** The agent has exited, or has closed its stdin. */
  exited: 'exited',
  /** An instance that runs cannot be forgotten. */
  running: 'running',
  /** As many instances as a keeper holds. */
  tooMany: 'tooMany',
  stopping: 'stopping',
} as const;

export interface SpawnSpec {
  /** Chosen by the host, unique for ever. Spawning the same one again answers its present state. */
  readonly instance: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the agent; the keeper adds only its mark. */
  readonly env: Readonly<Record<string, string>>;
}

export interface InstanceStatus {
  readonly instance: string;
  /** null when it could not be started, or the keeper that knew it is gone. */
  readonly pid: number | null;
  /** `held` by an older keeper is still `running` there, not here. */
  readonly state: 'running' | 'exited';
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not be started (`ENOENT`, `EACCES`, …: Node's error code; `ENOTDIR` for a missing cwd), else null. */
  readonly spawnError: string | null;
  /** Highest offset read from its stdout. */
  readonly lastOffset: number;
  /** Highest acknowledged offset. */
  readonly ackedOffset: number;
  /** Number of the last stdin line written. */
  readonly lastWritten: number;
}

/** `startedAt` tells it from a later process with the same pid; its form is the system's own. */
export interface AgentProcess {
  readonly pid: number;
  readonly startedAt: string;
  /** At the time of the answer; an orphan's is no longer the one that started it. */
  readonly parent?: number | undefined;
}

/** Host → keeper, each with an `id` that the answer repeats. */
export type KeeperRequest =
  | {
      readonly do: 'hello';
      readonly protocol: number;
      readonly hostPid: number;
      readonly hostVersion: string;
    }
  | { readonly do: 'list' }
  | ({ readonly do: 'spawn' } & SpawnSpec)
  /**
   * Replay what is spooled after `after`, then follow. `caughtUp` comes after the lines that were
   * there. At most 4 MiB (or one line) is sent beyond the last ack: acknowledge while replaying.
   */
  | { readonly do: 'attach'; readonly instance: string; readonly after: number }
  | { readonly do: 'write'; readonly instance: string; readonly n: number; readonly line: string }
  | { readonly do: 'ack'; readonly instance: string; readonly offset: number }
  /** SIGTERM, wait, then every descendant. Answered when nothing of it is left. */
  | { readonly do: 'end'; readonly instance: string }
  /** The processes that belong to it now. An older keeper refuses this with `badRequest`. */
  | { readonly do: 'processes'; readonly instance: string }
  /** Forget an exited instance and its spool. */
  | { readonly do: 'forget'; readonly instance: string }
  /** End all agents and the keeper itself. Answered just before it exits. */
  | { readonly do: 'stop' };

export type KeeperAnswer =
  | {
      readonly do: 'hello';
      readonly protocol: number;
      readonly pid: number;
      readonly version: string;
    }
  | { readonly do: 'list'; readonly instances: readonly InstanceStatus[] }
  | { readonly do: 'spawn' | 'attach'; readonly status: InstanceStatus }
  | { readonly do: 'write'; readonly lastWritten: number; readonly duplicate: boolean }
  | { readonly do: 'processes'; readonly processes: readonly AgentProcess[] }
  | { readonly do: 'ack' | 'end' | 'forget' | 'stop' };

/** Keeper → host, unasked. Lines only for attached instances. */
export type KeeperNotice =
  | {
      readonly tell: 'line';
      readonly instance: string;
      readonly offset: number;
      readonly line: string;
    }
  /**
   * A line over the limit: dropped while it arrived, and it has an offset like any other. `bytes`
   * 0: a line that was lost on a damaged disk before the host was there to take it.
   */
  | {
      readonly tell: 'oversize';
      readonly instance: string;
      readonly offset: number;
      readonly bytes: number;
    }
  | { readonly tell: 'caughtUp'; readonly instance: string; readonly offset: number }
  /** The agent's stderr, cut to 4 KiB a notice; not spooled, only for the log. */
  | { readonly tell: 'stderr'; readonly instance: string; readonly text: string }
  /** After the last line of its stdout. */
  | { readonly tell: 'exited'; readonly status: InstanceStatus };

export type KeeperFrame =
  | ({ readonly id: number } & KeeperRequest)
  | { readonly id: number; readonly ok: KeeperAnswer }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } }
  | KeeperNotice;
