import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import type { HolderSensors, HolderWant } from '../../protocol/holder.ts';
import type { PowerPolicy, PowerState } from '../../protocol/power.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { Clock } from '../clock/clock.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { Ages } from './ages.ts';
import {
  CONFIRM_MS,
  isInDoubt,
  noReadings,
  withLimits,
  withReading,
  type Guards,
} from './guards.ts';
import { Grip } from './grip.ts';
import { liveHolds } from './holds.ts';
import type { HolderPort } from './holder-port.ts';
import { whyNotSafe, type DeviceReach } from './light.ts';
import { Needs } from './needs.ts';
import { powerStateOf } from './power-state.ts';
import { SleepWhenDone } from './sleep-when-done.ts';
import type { UserHolds } from './user-holds.ts';
import { judge } from './verdict.ts';

/** While work waits for a sensor, or for an hour of the day. */
const HELD_BACK_LOOK_MS = 60_000;
/** `power.state` takes up to this; a holder that has to be started is among it. */
const ASKED_LIMIT_MS = 10_000;
/** After a wake everything is known again by then. */
const ANEW_LIMIT_MS = 5_000;

export interface AwakeNeeds {
  readonly log: Pick<EventLog, 'changed' | 'forgotten' | 'states'>;
  readonly holder: HolderPort;
  readonly users: Pick<UserHolds, 'all' | 'sleepWhenDone' | 'slept' | 'drop' | 'changed'>;
  readonly clock: Pick<Clock, 'now' | 'steadyMs' | 'wallMs'>;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Logger;
  policy(): PowerPolicy;
  withoutRelay(): boolean;
  /** With `isWatched` it matters how devices reach this host. */
  reach(isWatched: boolean): DeviceReach;
  /** A problem that a person should know; null: it is solved. */
  tell(problem: string | null): void;
}

/**
 * Decides from sessions, people, policy and sensors what is held. `look` is the only way anything is
 * decided, from all that is known; everything else only notes a fact and calls it.
 */
export class Awake {
  /** But for ages. */
  readonly changed = new Emitter<PowerState>();
  readonly #needs: AwakeNeeds;
  readonly #sessions = new Needs();
  readonly #ages = new Ages();
  readonly #grip: Grip;
  readonly #sleeper: SleepWhenDone;
  #undo: (() => void)[] = [];
  #guards: Guards;
  #told = '';
  #tick: (() => void) | null = null;
  /** When a doubt has to be looked into; null: there is none. */
  #confirmAtMs: number | null = null;
  #problem: { readonly words: string; readonly wants: number } | null = null;
  /** How often something came to be wanted. */
  #wants = 0;
  #wanted: HolderWant = { idle: false, lid: false, why: '' };
  #isLooking = false;
  #isClosed = false;

  constructor(needs: AwakeNeeds) {
    this.#needs = needs;
    this.#guards = noReadings(needs.policy());
    this.#grip = new Grip({
      ...needs,
      steadyMs: () => needs.clock.steadyMs(),
      sensors: (sensors) => this.#onSensors(sensors),
      changed: () => this.look(),
    });
    this.#sleeper = new SleepWhenDone({
      ...needs,
      isWanted: () => needs.users.sleepWhenDone,
      done: () => needs.users.slept(),
      sleepNow: async () => await needs.holder.sleepNow(),
      changed: (problem) => {
        if (problem !== null) this.#setProblem(problem);
        this.look();
      },
      now: () => needs.clock.now(),
    });
  }

  /** Follows sessions from now on. */
  start(): void {
    const { log, users, holder } = this.#needs;
    for (const state of log.states().values()) this.#sessions.take(state);
    this.#undo = [
      log.changed.on(({ state, previous }) => {
        const isAnother = this.#sessions.take(state);
        if (isAnother || concernsLight(state, previous)) this.look();
      }),
      log.forgotten.on((id) => {
        if (this.#sessions.forget(id)) this.look();
      }),
      users.changed.on(() => this.look()),
      holder.notices.on((notice) => {
        if (notice.tell === 'problem') this.#setProblem(notice.message);
      }),
    ];
    this.look();
  }

  state(): PowerState {
    return this.#look();
  }

  /** With what the system says now; as it is known where it does not answer. */
  async refreshed(): Promise<PowerState> {
    await this.#grip.refresh(ASKED_LIMIT_MS);
    return this.#look();
  }

  /** Time, sessions, people, policy, sensors or devices changed. Doing it again changes nothing. */
  look(): void {
    // What is noted while looking is seen by the look that is under way, or by the next.
    if (!this.#isClosed && !this.#isLooking) this.#look();
  }

  /** The machine has slept, or its clock was set: nothing that was read before counts. */
  async lookAnew(): Promise<void> {
    if (!this.#isClosed) await this.#grip.lookAnew(ANEW_LIMIT_MS);
  }

  close(): void {
    this.#isClosed = true;
    for (const undo of this.#undo) undo();
    this.#sleeper.close();
    this.#grip.close();
    this.#tick?.();
  }

  #look(): PowerState {
    const { clock, users, policy: policyOf, log, withoutRelay, reach } = this.#needs;
    const steadyMs = clock.steadyMs();
    const policy = policyOf();
    this.#guards = withLimits(this.#guards, policy);
    const guards = this.#guards;
    const holds = liveHolds({
      ...{ policy, ages: this.#ages, needs: this.#sessions.all(), users: users.all() },
      reading: { steadyMs, stampMs: clock.now().getTime() },
    });
    const verdict = judge({ holds, policy, guards, steadyMs, wallMs: clock.wallMs() });
    this.#isLooking = true;
    try {
      const states = [...log.states().values()];
      const way = reach(verdict.want.lid);
      // Also to hear that the machine falls asleep: a paired device is told, and does not take it for gone.
      const isNeeded =
        way.devices.length > 0 ||
        ((policy.keepAwake !== 'off' || users.all().length > 0) &&
          states.some(({ instance }) => instance !== null));
      this.#grip.hold(verdict.want, { atOnce: verdict.heldBack.length > 0, isNeeded });
      this.#sleeper.look(holds.length > 0);
      const { read, problem } = this.#grip;
      const notSafe = whyNotSafe({
        ...{ policy, guards, steadyMs, want: verdict.want, heldBack: verdict.heldBack },
        hasHolds: holds.length > 0,
        read: read && { atMs: read.atMs, idle: read.effects.idle, lid: read.effects.lid },
        isHolderAway: problem !== null,
        reach: way,
        withoutRelay: withoutRelay(),
        approvals: states.flatMap(({ approvals, archived }) => (archived ? [] : approvals)),
      });
      const state = powerStateOf({
        ...{ policy, guards, holds, verdict, problem, notSafe, steadyMs },
        effects: read?.effects ?? null,
        sleepWhenDone: users.sleepWhenDone,
        sleepsAt: this.#sleeper.sleepsAt,
      });
      const { want } = verdict;
      if ((want.idle && !this.#wanted.idle) || (want.lid && !this.#wanted.lid)) this.#wants += 1;
      this.#wanted = want;
      this.#arm(verdict.untilMs - steadyMs, want.idle, holds.length > 0);
      this.#solve(state);
      this.#emit(state);
      return state;
    } finally {
      this.#isLooking = false;
      this.#dropOver(new Set(holds.map(({ hold }) => hold.id)));
    }
  }

  /** Looks again when time alone may change something. Nothing is armed while nothing is held. */
  #arm(inMs: number, isHeld: boolean, hasHolds: boolean): void {
    this.#tick?.();
    this.#tick = null;
    if (this.#isClosed || !hasHolds) return;
    const isDoubted = isInDoubt(this.#guards);
    // Sessions that change all the time do not put it off.
    const steadyMs = this.#needs.clock.steadyMs();
    this.#confirmAtMs = isDoubted ? (this.#confirmAtMs ?? steadyMs + CONFIRM_MS) : null;
    const lookMs =
      this.#confirmAtMs !== null
        ? this.#confirmAtMs - steadyMs
        : isHeld
          ? Infinity
          : HELD_BACK_LOOK_MS;
    const ms = Math.max(0, Math.min(inMs, lookMs, HELD_BACK_LOOK_MS));
    this.#tick = this.#needs.timers.after(ms, () => {
      this.#confirmAtMs = null;
      // Readings are made when somebody asks, and told when they change.
      if (isDoubted || !isHeld) this.#grip.peek();
      this.look();
    });
  }

  #onSensors(sensors: HolderSensors): void {
    this.#guards = withReading(this.#guards, sensors, this.#needs.clock.steadyMs());
  }

  #setProblem(words: string): void {
    this.#problem = { words, wants: this.#wants };
    this.#needs.tell(words);
  }

  /** What came to be wanted after the problem is in effect: so it is over. */
  #solve({ idle, lid }: PowerState): void {
    const isNew = this.#problem !== null && this.#wants > this.#problem.wants;
    const isWell = idle.effective === true && (!lid.wanted || lid.effective === true);
    if (!isNew || !idle.wanted || !isWell) return;
    this.#problem = null;
    this.#needs.tell(null);
  }

  #emit(state: PowerState): void {
    const text = JSON.stringify({
      ...state,
      holds: state.holds.map((hold) => ({ ...hold, ageSec: 0 })),
    });
    if (text === this.#told || this.#isClosed) return;
    this.#told = text;
    this.changed.emit(state);
  }

  #dropOver(live: ReadonlySet<string>): void {
    const { users, logger } = this.#needs;
    const over = users.all().filter(({ id }) => !live.has(id));
    if (over.length === 0 || this.#isClosed) return;
    try {
      users.drop(new Set(over.map(({ id }) => id)));
    } catch (error) {
      // They count no more all the same.
      logger.warn({ err: error }, 'holds whose time is over cannot be forgotten yet');
    }
  }
}

/** An agent came or went, or somebody is asked something else. */
function concernsLight(state: SessionState, previous: SessionState | null): boolean {
  return (
    (state.instance === null) !== ((previous?.instance ?? null) === null) ||
    state.archived !== previous?.archived ||
    state.approvals !== previous?.approvals
  );
}
