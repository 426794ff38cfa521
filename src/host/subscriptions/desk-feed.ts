import type { Emitter } from '../../base/emitter.ts';
import type { Approval } from '../../protocol/approval/approval.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { MAX_UNACKED_BYTES } from '../../protocol/limits.ts';
import type { NotificationParams } from '../../protocol/methods.ts';
import { summaryOf, type SessionState, type SessionSummary } from '../../protocol/session/state.ts';
import type { StateChange } from '../event-log/event-log.ts';

/** What the desk needs of the event log. */
export interface DeskLog {
  readonly changed: Pick<Emitter<StateChange>, 'on'>;
  states(): ReadonlyMap<SessionId, SessionState>;
}

export interface DeskSurface {
  readonly bufferedBytes: number;
  notify(name: 'desk.session', params: NotificationParams<'desk.session'>): void;
  notify(name: 'desk.approvals', params: NotificationParams<'desk.approvals'>): void;
}

export interface DeskFeedNeeds {
  readonly log: DeskLog;
  readonly surface: DeskSurface;
  /** Runs it in `ms`; returns the way to call it off. 0: after the answer is on its way. */
  later?(act: () => void, ms: number): () => void;
}

/** A socket does not say when it has drained, so a backed-up one is looked at again. */
const LOOK_AGAIN_MS = 50;

/**
 * One surface's view of the desk: all sessions' summaries and the open approvals. What changes while
 * the surface's socket is backed up is kept by session, newest only, so that memory is bounded by
 * the number of sessions however long it lasts.
 */
export class DeskFeed {
  readonly #needs: DeskFeedNeeds;
  readonly #unfollow: () => void;
  readonly #dirty = new Set<SessionId>();
  #approvalsChanged = false;
  #isWaiting = false;
  #callOff: () => void;

  private constructor(needs: DeskFeedNeeds) {
    this.#needs = needs;
    this.#unfollow = needs.log.changed.on((change) => this.#onChange(change));
    this.#callOff = this.#later(0);
  }

  static open(needs: DeskFeedNeeds): {
    feed: DeskFeed;
    result: { sessions: SessionSummary[]; approvals: Approval[] };
  } {
    const states = [...needs.log.states().values()];
    const result = { sessions: states.map(summaryOf), approvals: openApprovals(states) };
    return { feed: new DeskFeed(needs), result };
  }

  close(): void {
    this.#unfollow();
    this.#callOff();
    this.#dirty.clear();
    this.#approvalsChanged = false;
  }

  #onChange({ state, previous }: StateChange): void {
    if (previous === null || !sameSummary(summaryOf(state), summaryOf(previous)))
      this.#dirty.add(state.id);
    if (!sameApprovals(state.approvals, previous?.approvals ?? [])) this.#approvalsChanged = true;
    if (!this.#isWaiting) this.#flush();
  }

  #later(ms: number): () => void {
    this.#isWaiting = true;
    return (this.#needs.later ?? runLater)(() => {
      this.#isWaiting = false;
      this.#flush();
    }, ms);
  }

  #flush(): void {
    const { log, surface } = this.#needs;
    for (const id of this.#dirty) {
      if (surface.bufferedBytes > MAX_UNACKED_BYTES) break;
      this.#dirty.delete(id);
      const state = log.states().get(id);
      if (state !== undefined) surface.notify('desk.session', { session: summaryOf(state) });
    }
    if (this.#approvalsChanged && surface.bufferedBytes <= MAX_UNACKED_BYTES) {
      this.#approvalsChanged = false;
      surface.notify('desk.approvals', { approvals: openApprovals([...log.states().values()]) });
    }
    if (this.#dirty.size > 0 || this.#approvalsChanged) this.#callOff = this.#later(LOOK_AGAIN_MS);
  }
}

function runLater(act: () => void, ms: number): () => void {
  if (ms === 0) {
    const soon = setImmediate(act);
    return () => clearImmediate(soon);
  }
  const timer = setTimeout(act, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

/** Oldest first. */
function openApprovals(states: readonly SessionState[]): Approval[] {
  return states
    .flatMap((state) => state.approvals)
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0));
}

/** Equal in all but the numbers that every event moves. */
function sameSummary(a: SessionSummary, b: SessionSummary): boolean {
  return summaryKeys.every((key) => a[key] === b[key]);
}

const summaryKeys = [
  'agent',
  'title',
  'cwd',
  'worktree',
  'state',
  'mode',
  'approvals',
  'queued',
  'archived',
  'problem',
] as const satisfies readonly (keyof SessionSummary)[];

function sameApprovals(a: readonly Approval[], b: readonly Approval[]): boolean {
  return a === b || (a.length === b.length && a.every((approval, i) => approval.id === b[i]?.id));
}
