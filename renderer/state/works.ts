import { z } from 'zod';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { RpcFailure } from '../../src/protocol/errors.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import { LAND_TIMEOUT_MS } from '../../src/protocol/limits.ts';
import type { Changes, LandResult, LandWay } from '../../src/protocol/session/workspace.ts';
import type { HostLink } from './host-link.ts';
import { newCommandId } from './uuid.ts';

/** The host answers in LAND_TIMEOUT_MS at the latest; this is for the way. */
const LAND_LIMIT_MS = LAND_TIMEOUT_MS + 10_000;
/** A large patch of a busy disk. */
const CHANGES_LIMIT_MS = 60_000;

/** How a host says that discarding needs `force`. */
const lossSchema = z.object({ kind: z.literal('wouldLose') });

/** What was last done with a worktree, or is being done. */
export type WorkStep =
  | { readonly kind: 'landing' }
  | { readonly kind: 'landed'; readonly result: LandResult }
  | { readonly kind: 'discarding' }
  | { readonly kind: 'discarded'; readonly keptAs: string | null }
  | {
      readonly kind: 'failed';
      readonly doing: 'land' | 'discard';
      readonly message: string;
      /** Only work that is nowhere else stands in the way: it can be kept, and removed all the same. */
      readonly wouldLose: boolean;
    };

export interface Work {
  /** As last read; null before. */
  readonly changes: Changes | null;
  readonly isLooking: boolean;
  /** Why they could not be read, in words. */
  readonly problem: string | null;
  readonly step: WorkStep | null;
}

export const NO_WORK: Work = { changes: null, isLooking: false, problem: null, step: null };
export type WorksState = Readonly<Record<SessionId, Work>>;

/**
 * The worktrees of sessions as this window knows them. What takes minutes goes on here when the
 * dialog that began it is closed, and its end is seen wherever the session is shown.
 */
export class Works {
  readonly store: StoreApi<WorksState> = createStore<WorksState>(() => ({}));
  readonly #link: Pick<HostLink, 'call'>;
  /** The newest look at each worktree: an answer that was overtaken says nothing any more. */
  readonly #looks = new Map<SessionId, number>();

  constructor(link: Pick<HostLink, 'call'>) {
    this.#link = link;
  }

  of(sessionId: SessionId): Work {
    return this.store.getState()[sessionId] ?? NO_WORK;
  }

  async look(sessionId: SessionId): Promise<void> {
    const look = (this.#looks.get(sessionId) ?? 0) + 1;
    this.#looks.set(sessionId, look);
    this.#set(sessionId, { isLooking: true });
    const found = await this.#asked(
      this.#link.call('session.changes', { sessionId }, CHANGES_LIMIT_MS),
    );
    if (this.#looks.get(sessionId) !== look) return;
    this.#set(sessionId, {
      isLooking: false,
      ...('value' in found ? { changes: found.value, problem: null } : { problem: found.problem }),
    });
  }

  /** With the diff; throws in words. */
  async patch(sessionId: SessionId): Promise<Changes> {
    return await this.#link.call('session.changes', { sessionId, patch: true }, CHANGES_LIMIT_MS);
  }

  async land(sessionId: SessionId, way: LandWay, message: string): Promise<void> {
    if (this.#isBusy(sessionId)) return;
    this.#set(sessionId, { step: { kind: 'landing' } });
    const done = await this.#asked(
      this.#link.call(
        'session.land',
        { commandId: newCommandId(), sessionId, way, ...(message !== '' && { message }) },
        LAND_LIMIT_MS,
      ),
    );
    this.#set(sessionId, {
      step:
        'value' in done
          ? { kind: 'landed', result: done.value }
          : { kind: 'failed', doing: 'land', message: done.problem, wouldLose: false },
    });
    if ('value' in done) await this.look(sessionId);
  }

  async discard(sessionId: SessionId, force: boolean): Promise<void> {
    if (this.#isBusy(sessionId)) return;
    this.#set(sessionId, { step: { kind: 'discarding' } });
    const done = await this.#asked(
      this.#link.call(
        'session.discard',
        { commandId: newCommandId(), sessionId, force },
        LAND_LIMIT_MS,
      ),
    );
    this.#set(
      sessionId,
      'value' in done
        ? { changes: null, problem: null, step: { kind: 'discarded', keptAs: done.value.keptAs } }
        : {
            step: {
              kind: 'failed',
              doing: 'discard',
              message: done.problem,
              wouldLose: lossSchema.safeParse(done.data).success,
            },
          },
    );
  }

  /** The person has seen how it ended. */
  seen(sessionId: SessionId): void {
    if (!this.#isBusy(sessionId)) this.#set(sessionId, { step: null });
  }

  #isBusy(sessionId: SessionId): boolean {
    const kind = this.of(sessionId).step?.kind;
    return kind === 'landing' || kind === 'discarding';
  }

  #set(sessionId: SessionId, change: Partial<Work>): void {
    this.store.setState((works) => ({
      ...works,
      [sessionId]: { ...(works[sessionId] ?? NO_WORK), ...change },
    }));
  }

  async #asked<T>(doing: Promise<T>): Promise<{ value: T } | { problem: string; data: unknown }> {
    try {
      return { value: await doing };
    } catch (error) {
      return {
        problem: error instanceof Error ? error.message : String(error),
        data: error instanceof RpcFailure ? error.data : undefined,
      };
    }
  }
}
