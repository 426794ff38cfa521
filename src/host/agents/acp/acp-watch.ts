import type { Logger } from '../../../base/log.ts';
import type { InstanceId, SessionId } from '../../../protocol/ids.ts';
import { ADOPT_TIMEOUT_MS, START_TIMEOUT_MS } from '../../../protocol/limits.ts';
import type { Problem } from '../../../protocol/session/events.ts';
import { afterAwake } from '../../clock/awake-deadline.ts';
import type { EventLog } from '../../event-log/event-log.ts';
import { StoreFull } from '../../event-log/store.ts';
import type { AcpBook } from './acp-book.ts';

/** After this a cancelled turn is ended by ending the agent (Gemini can hang for ever). */
const CANCEL_LIMIT_MS = 15_000;

/** Some print a banner before they speak; one that has not answered by then is no agent. */
const BABBLE_LIMIT_MS = 10_000;
/** Models think long; an agent that lost a message waits for ever. */
const SILENCE_LIMIT_MS = 300_000;
/** A full disk puts off what a deadline would do. */
const AGAIN_MS = 2_000;

export interface WatchNeeds {
  readonly book: AcpBook;
  readonly log: EventLog;
  readonly logger: Logger;
  now(): Date;
  /** Runs on during sleep; see `Clock.steadyMs`. */
  steadyMs(): number;
  /** The agent tells a long history, and has told something of it within this time. */
  isHeard(sessionId: SessionId, withinMs: number): boolean;
  /** Ends the process; its sessions are told the problem. */
  giveUp(instance: InstanceId, problem: Problem): void;
  /** Takes one session off its process, which goes on for the others. */
  giveUpOpening(instance: InstanceId, sessionId: SessionId, problem: Problem): void;
}

/** What an agent is given time for. The check at the end looks at what is on disk, not at a closure. */
export class AcpWatch {
  readonly #needs: WatchNeeds;

  constructor(needs: WatchNeeds) {
    this.#needs = needs;
  }

  opening(instance: InstanceId, sessionId: SessionId): void {
    const since = this.#needs.book.place(sessionId)?.attached.openingSinceMs;
    this.#after(START_TIMEOUT_MS, () => {
      const place = this.#needs.book.place(sessionId);
      if (place?.instance !== instance || place.attached.phase === 'ready') return;
      // Stopped and resumed on the same process, it has its own time.
      if (place.attached.openingSinceMs !== since) return;
      const tookMs = this.#needs.now().getTime() - (since ?? 0);
      if (tookMs < ADOPT_TIMEOUT_MS && this.#needs.isHeard(sessionId, START_TIMEOUT_MS))
        return this.opening(instance, sessionId);
      const seconds = START_TIMEOUT_MS / 1_000;
      this.#needs.giveUpOpening(instance, sessionId, {
        kind: 'timeout',
        message: `The agent did not accept the session within ${seconds} s.`,
      });
    });
  }

  cancel(instance: InstanceId, sessionId: SessionId): void {
    const at = this.#needs.book.place(sessionId)?.attached.cancelledAtMs;
    this.#after(CANCEL_LIMIT_MS, () => {
      const place = this.#needs.book.place(sessionId);
      if (place?.instance !== instance || place.attached.cancelledAtMs === null) return;
      // That turn has ended; a later one that is cancelled has its own time.
      if (place.attached.cancelledAtMs !== at) return;
      const seconds = CANCEL_LIMIT_MS / 1_000;
      this.#needs.giveUp(instance, {
        kind: 'timeout',
        message: `The agent did not stop within ${seconds} s of being asked; its process was ended.`,
      });
    });
  }

  babble(instance: InstanceId): void {
    this.#after(BABBLE_LIMIT_MS, () => {
      if (this.#needs.book.memo(instance)?.agent !== null) return;
      this.#needs.giveUp(instance, {
        kind: 'garbage',
        message:
          'The agent prints text that is not ACP and does not answer. Is its command an ACP agent?',
      });
    });
  }

  silence(instance: InstanceId): void {
    const since = this.#needs.now().toISOString();
    this.#after(SILENCE_LIMIT_MS, () => {
      const isStuck = (this.#needs.book.memo(instance)?.attached ?? []).some(({ sessionId }) => {
        const state = this.#needs.log.state(sessionId);
        return state !== null && state.state === 'working' && state.heardAt <= since;
      });
      if (isStuck)
        this.#needs.giveUp(instance, {
          kind: 'oversize',
          message:
            'A message of the agent was left out, over the limit of 32 MiB or damaged, and nothing came since; its process was ended.',
        });
    });
  }

  #after(limitMs: number, run: () => void): void {
    const act = (): void => {
      try {
        run();
      } catch (error) {
        this.#needs.logger.error({ err: error }, 'a deadline of an agent could not be kept');
        if (error instanceof StoreFull) this.#after(AGAIN_MS, run);
      }
    };
    afterAwake(limitMs, act, () => this.#needs.steadyMs());
  }
}
