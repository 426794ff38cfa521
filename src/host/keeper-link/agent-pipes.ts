import type { Emitter } from '../../base/emitter.ts';
import type {
  AgentProcess,
  InstanceStatus,
  KeeperNotice,
  SpawnSpec,
} from '../../protocol/keeper.ts';

/**
 * Agent processes as numbered lines in both directions, held by something that outlives this host.
 * Calls about an unknown instance, and calls that are refused, throw a {@link KeeperRefusal}.
 * Notices come in order, per instance: lines by rising offset, then `exited`.
 */
export interface AgentPipes {
  readonly notices: Emitter<KeeperNotice>;
  /** The other side is gone, and its agents with it. Nothing is answered after this. */
  readonly closed: Emitter<string>;
  list(): Promise<readonly InstanceStatus[]>;
  /** The same instance again answers its present state and starts nothing. */
  spawn(spec: SpawnSpec): Promise<InstanceStatus>;
  /**
   * Replays lines with an offset over `after`, then `caughtUp`, then follows. At most a window of
   * unacknowledged lines is under way: acknowledge while replaying.
   */
  attach(instance: string, after: number): Promise<InstanceStatus>;
  /** `n` is the last number + 1; a lower one is a duplicate and is not written again. */
  write(instance: string, n: number, line: string): Promise<WriteResult>;
  /** Lines up to `offset` may be forgotten. Not answered. */
  ack(instance: string, offset: number): void;
  /** Resolves when neither the process nor any of its descendants is left. */
  end(instance: string): Promise<void>;
  /** What belongs to the instance now, its first process among it; an older keeper refuses. */
  processes(instance: string): Promise<readonly AgentProcess[]>;
  forget(instance: string): Promise<void>;
}

export interface WriteResult {
  readonly lastWritten: number;
  readonly duplicate: boolean;
}

/** Understood and not done. `code` is one of {@link REFUSALS} in protocol/keeper.ts. */
export class KeeperRefusal extends Error {
  override name = 'KeeperRefusal';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
