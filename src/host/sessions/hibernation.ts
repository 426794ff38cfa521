import type { Logger } from '../../base/log.ts';
import type { InstanceId } from '../../protocol/ids.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { AgentProcesses, RunningAgent } from '../agents/driver.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { nextTurn } from './next-turn.ts';
import { untilState } from './until-state.ts';

const LONGEST_PAUSE_MS = 60_000;
const SHORTEST_PAUSE_MS = 50;
/** The keeper gives an agent 6 s to end by itself, and 4 s more after that. */
const GONE_LIMIT_MS = 20_000;

export interface HibernationNeeds {
  readonly log: EventLog;
  readonly agents: AgentProcesses;
  readonly logger: Logger;
  /** How long an agent is idle before it is ended; 0: never. */
  afterMs(): number;
  /** Runs on through changes of the clock. */
  steadyMs(): number;
  /** The clock that events are stamped with. */
  nowMs(): number;
}

interface Candidate {
  readonly instance: InstanceId;
  readonly sessions: RunningAgent['sessions'];
  /** Changes with every event of its sessions. */
  readonly mark: string;
  readonly idleMs: number;
}

/**
 * Ends agents that nobody uses: a process all of whose sessions have been idle for a while, that can
 * take them up again, and below which no tool has left anything running. The next prompt brings it
 * back through the same way as after a crash, only without a turn cut short.
 */
export class Hibernation {
  readonly #needs: HibernationNeeds;
  readonly #since = new Map<InstanceId, { readonly mark: string; readonly steadyMs: number }>();
  #lookedAtMs: number | null = null;

  constructor(needs: HibernationNeeds) {
    this.#needs = needs;
  }

  /** Looks from now on; returns the stop. */
  start(): () => void {
    let isStopped = false;
    let timer: NodeJS.Timeout;
    const soon = (): void => {
      if (isStopped) return;
      const after = this.#needs.afterMs();
      const pause = after === 0 ? LONGEST_PAUSE_MS : after / 10;
      timer = setTimeout(
        () => void this.look().finally(soon),
        Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, pause)),
      );
      timer.unref();
    };
    soon();
    return () => {
      isStopped = true;
      clearTimeout(timer);
    };
  }

  /** Ends every agent that has been idle long enough. Never throws. */
  async look(): Promise<void> {
    try {
      const after = this.#needs.afterMs();
      const due = this.#candidates().filter(({ idleMs }) => after > 0 && idleMs >= after);
      // One after the other: what ends many at once keeps the keeper from what works.
      for (const candidate of due) if (await this.#rest(candidate)) await this.#isGone(candidate);
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'idle agents could not be looked at');
    }
  }

  /**
   * Ends the one of those that may that has been idle for longest, however short that is. True when
   * it is gone, false when there is none.
   */
  async makeRoom(): Promise<boolean> {
    if (this.#needs.afterMs() === 0) return false;
    for (const candidate of this.#candidates())
      if (await this.#rest(candidate)) return await this.#isGone(candidate);
    return false;
  }

  async #rest(candidate: Candidate): Promise<boolean> {
    const { agents, log, logger } = this.#needs;
    const { instance, mark, idleMs } = candidate;
    try {
      if (await agents.worksInBackground(instance)) return false;
      // Asking took a moment: a prompt may have come.
      const isSame = this.#candidates().some(
        (each) => each.instance === instance && each.mark === mark,
      );
      if (!isSame || !log.commit((tx) => agents.hibernate(tx, instance))) return false;
      logger.info({ instance, idleMs: Math.round(idleMs) }, 'an idle agent is ended for now');
      return true;
    } catch (error) {
      logger.warn({ instance, err: error }, 'an idle agent could not be ended');
      return false;
    }
  }

  async #isGone({ instance, sessions }: Candidate): Promise<boolean> {
    const [first] = sessions;
    if (first === undefined) return true;
    const gone = (state: SessionState): boolean => state.instance !== instance;
    return (await untilState(this.#needs.log, first, gone, GONE_LIMIT_MS)) !== null;
  }

  /** Idle for longest first. */
  #candidates(): Candidate[] {
    const { agents, log, steadyMs, nowMs } = this.#needs;
    const steady = steadyMs();
    const sinceLook = steady - (this.#lookedAtMs ?? -Infinity);
    const running = agents.running();
    const candidates = running.flatMap(({ instance, sessions, mayRest }) => {
      const states = sessions.flatMap((id) => log.state(id) ?? []);
      const mark = states.map(({ id, lastSeq }) => `${id}:${lastSeq}`).join();
      let since = this.#since.get(instance);
      if (since?.mark !== mark) {
        const quietMs = nowMs() - Math.max(...states.map(({ updatedAt }) => Date.parse(updatedAt)));
        // The clock counts only for what lies before this host, or between two looks.
        since = { mark, steadyMs: steady - Math.max(0, Math.min(quietMs, sinceLook)) };
        this.#since.set(instance, since);
      }
      const isIdle = mayRest && states.length === sessions.length && states.every(isResting);
      return isIdle ? [{ instance, sessions, mark, idleMs: steady - since.steadyMs }] : [];
    });
    this.#lookedAtMs = steady;
    const present = new Set(running.map(({ instance }) => instance));
    for (const instance of this.#since.keys())
      if (!present.has(instance)) this.#since.delete(instance);
    return candidates.sort((a, b) => b.idleMs - a.idleMs);
  }
}

/** Nothing runs, nothing waits that could run, nobody is asked anything. */
function isResting(state: SessionState): boolean {
  const { turn, approvals } = state;
  return (
    (state.state === 'idle' || state.state === 'parked') &&
    approvals.length === 0 &&
    (turn === null || turn.endedAt !== null) &&
    nextTurn(state) === null
  );
}
