import type { Logger } from '../../../base/log.ts';
import type { InstanceId, SessionId } from '../../../protocol/ids.ts';
import { REFUSALS, type AgentProcess } from '../../../protocol/keeper.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import { KeeperRefusal } from '../../keeper-link/agent-pipes.ts';
import type { AcpBook } from './acp-book.ts';

/** Some start their servers a while after they have answered; what is there by then is theirs. */
const LATE_MS = 10_000;

export interface OwnNeeds {
  readonly book: AcpBook;
  readonly logger: Logger;
  processes(instance: InstanceId): Promise<readonly AgentProcess[]>;
  /** Nothing, once the host is leaving. */
  commit(work: (tx: LogWriter) => void): void;
  later(delayMs: number, act: () => void): void;
}

/**
 * Which processes are the agent's own, so that another one is known for something that a tool left
 * running. They are looked at when a session has started, ahead of its first prompt (the keeper
 * takes our requests in their order), and again somewhat later, as long as no tool was used: tool
 * calls are told before they run. Beside a session that has used tools, what is new since just
 * before this one was opened counts only as children of the first process and what is below those.
 */
export class AcpOwn {
  readonly #needs: OwnNeeds;
  /** Lost with the host: then what the session brought counts as somebody else's, and stays. */
  readonly #before = new Map<SessionId, ReadonlySet<string>>();

  constructor(needs: OwnNeeds) {
    this.#needs = needs;
  }

  /** Call ahead of the request that opens the session. */
  opening(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void {
    if (this.#needs.book.memo(instance, tx)?.usedTools !== true) return;
    tx.afterCommit(() => {
      this.#needs.processes(instance).then(
        (now) => this.#before.set(sessionId, new Set(now.map(keyOf))),
        // Then nothing new counts as its own.
        () => {},
      );
    });
  }

  /** Call ahead of the session's first prompt. */
  started(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void {
    // Asked ahead of the prompt, it counts even if the answer comes after the first tool call.
    const usedTools = this.#needs.book.memo(instance, tx)?.usedTools === true;
    tx.afterCommit(() => {
      void this.#look(instance, sessionId, (now) =>
        this.#take(instance, sessionId, now, usedTools),
      );
      this.#needs.later(LATE_MS, () => void this.#lookAgain(instance, sessionId));
    });
  }

  usedTool(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void {
    const { book } = this.#needs;
    const attached = book.place(sessionId, tx)?.attached;
    // What an adopted conversation tells of itself was done elsewhere.
    if (attached?.phase !== 'ready' || attached.usedTools) return;
    book.setAttached(tx, instance, { ...attached, usedTools: true });
    book.change(tx, instance, (memo) => ({ ...memo, usedTools: true }));
  }

  /** Whether anything else than the agent itself runs; true where that is not known. */
  async isJoined(instance: InstanceId): Promise<boolean> {
    try {
      const now = await this.#needs.processes(instance);
      const own = this.#needs.book.memo(instance)?.own ?? null;
      return own === null || now.some((each) => !own.includes(keyOf(each)));
    } catch {
      // An older keeper does not know the question.
      return true;
    }
  }

  async #lookAgain(instance: InstanceId, sessionId: SessionId): Promise<void> {
    await this.#look(instance, sessionId, (now) => {
      const memo = this.#needs.book.memo(instance);
      const attached = memo?.attached.find((each) => each.sessionId === sessionId);
      if (memo && attached?.usedTools === false)
        this.#take(instance, sessionId, now, memo.usedTools);
    });
    this.#before.delete(sessionId);
  }

  /** What cannot be found out, or noted, leaves the process awake: no harm but its memory. */
  async #look(
    instance: InstanceId,
    sessionId: SessionId,
    take: (now: readonly AgentProcess[]) => void,
  ): Promise<void> {
    try {
      take(await this.#needs.processes(instance));
    } catch (error) {
      const code = error instanceof KeeperRefusal ? error.code : null;
      if (code !== REFUSALS.badRequest && code !== REFUSALS.unknownInstance)
        this.#needs.logger.warn(
          { instance, sessionId, err: error },
          'the processes of an agent are not known',
        );
    }
  }

  /** `usedTools`: by any of its sessions, when `now` was asked for. */
  #take(
    instance: InstanceId,
    sessionId: SessionId,
    now: readonly AgentProcess[],
    usedTools: boolean,
  ): void {
    const { book, commit } = this.#needs;
    const memo = book.memo(instance);
    // Tools were used before this host could look: nothing tells any more whose is whose.
    if (memo === null || (memo.own === null && usedTools)) return;
    const before = this.#before.get(sessionId) ?? null;
    const added = usedTools ? broughtSince(now, before, memo.own ?? []) : now;
    const known = new Set([...(memo.own ?? []), ...added.map(keyOf)]);
    const own = now.map(keyOf).filter((key) => known.has(key));
    if (memo.own?.length === own.length && own.every((key) => memo.own?.includes(key))) return;
    commit((tx) => book.change(tx, instance, (present) => ({ ...present, own })));
  }
}

/** What is new as a child of the agent's first process, with all below it. */
function broughtSince(
  now: readonly AgentProcess[],
  before: ReadonlySet<string> | null,
  own: readonly string[],
): AgentProcess[] {
  if (before === null) return [];
  const present = new Set(now.map(({ pid }) => pid));
  const roots = now.filter(
    (each) => own.includes(keyOf(each)) && !(each.parent !== undefined && present.has(each.parent)),
  );
  const brought = now.filter(
    (each) => !before.has(keyOf(each)) && roots.some(({ pid }) => pid === each.parent),
  );
  for (let i = 0; i < brought.length; i += 1)
    brought.push(
      ...now.filter((each) => each.parent === brought[i]?.pid && !brought.includes(each)),
    );
  return brought;
}

function keyOf({ pid, startedAt }: AgentProcess): string {
  return `${pid}@${startedAt}`;
}
