import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Attention as AttentionNow, NotifyPolicy, Place } from '../../protocol/attention.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { quietUntil } from '../clock/quiet-hours.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Activity } from './activity.ts';
import type { Ask } from './asks.ts';
import { badgeOf, itemsOf } from './attention-items.ts';
import { advance } from './machine.ts';
import { Memory } from './memory.ts';
import type { Effect } from './moment.ts';
import type { Courier } from './notice.ts';
import { digestOf, noticeOf } from './notices.ts';
import { comeLate, left, resumed, see, takeUp, took, type Seer } from './outcomes.ts';
import type { World } from './places.ts';

const KEY = 'attention';
/** A timer stands still while the machine sleeps, and a clock may be set: so none is set for long. */
const LOOK_AGAIN_MS = 60_000;
/** How a telling went may be lost with a host: then it is told again, under the same number. */
const SAVE_LATER_MS = 1_000;
/** Until then a host that was started does not say that an old problem is gone. */
const SETTLED_AFTER_MS = 60_000;

/** All that asks for a person now. */
export interface AskSource {
  all(): ReadonlyMap<string, Ask>;
  readonly changed: Pick<Emitter<void>, 'on'>;
}

export interface AttentionNeeds {
  readonly asks: AskSource;
  readonly activity: Activity;
  readonly courier: Courier;
  readonly store: Pick<Store, 'meta' | 'epoch'>;
  readonly timers: Pick<Timers, 'after'>;
  readonly clock: { steadyMs(): number; wallMs(): number; now(): Date };
  readonly logger: Logger;
  commit(work: (tx: Pick<LogWriter, 'putMeta'>) => void): void;
  policy(): NotifyPolicy;
}

/**
 * Tells a person what asks for one, where the person is or will look, until it was seen or is over.
 * What decides is in machine.ts; here are its clock, its memory, and those it tells.
 */
export class Attention {
  /** What asks for a person is another than before, or what was told of it. */
  readonly changed = new Emitter<void>();
  readonly #needs: AttentionNeeds;
  readonly #undo: (() => void)[] = [];
  #memory: Memory;
  #places: ReadonlySet<Place> = new Set();
  #startedMs = 0;
  #isLooking = false;
  #isUnsaved = false;
  #soon: (() => void) | null = null;
  #disarm: (() => void) | null = null;
  #saving: (() => void) | null = null;
  #isOpen = false;

  constructor(needs: AttentionNeeds) {
    this.#needs = needs;
    const { store, clock } = needs;
    const text = store.meta(KEY);
    this.#memory =
      Memory.read(text, store.epoch) ?? Memory.empty(store.epoch, clock.now().getTime() - 1);
  }

  /** Takes up what an earlier host has told, and tells from here on. */
  start(): void {
    const { asks, courier, activity, clock } = this.#needs;
    takeUp(this.#memory, this.#world());
    this.#isOpen = true;
    this.#startedMs = clock.steadyMs();
    this.#undo.push(
      asks.changed.on(() => this.#lookSoon()),
      courier.outletsChanged.on(() => this.#lookSoon()),
      courier.handed.on((handed) => {
        if (took(this.#memory, handed, this.#world())) this.#noted();
      }),
      courier.withdrawn.on(({ place, ids }) => {
        // Of a place that is away it only means that nobody tries any more.
        const isThere = courier.outlets().some((outlet) => outlet.place === place);
        if (isThere && this.#memory.settle(place, ids)) this.#saveLater();
      }),
      activity.came.on((place) => {
        this.#memory.active(place, clock.wallMs());
        this.#lookSoon();
      }),
      activity.left.on((place) => {
        this.#memory.active(place, clock.wallMs());
        if (left(this.#memory, activity.now(), clock.steadyMs())) this.#lookSoon();
      }),
    );
    this.look();
  }

  close(): void {
    if (this.#saving !== null) this.#save();
    this.#isOpen = false;
    for (const undo of this.#undo.splice(0)) undo();
    for (const undo of [this.#soon, this.#disarm, this.#saving]) undo?.();
    this.#soon = this.#disarm = this.#saving = null;
  }

  now(): AttentionNow {
    const { asks, clock } = this.#needs;
    const { quietHours } = this.#needs.policy();
    return {
      items: itemsOf(this.#memory, asks.all(), this.#needs.policy()),
      quietUntil: quietUntil(quietHours, clock.wallMs())?.toISOString() ?? null,
    };
  }

  /** These, or all of a session. */
  seen(ids: readonly string[], sessionId: SessionId | null, seer: Seer): void {
    const asks = this.#needs.asks.all();
    const own = [...asks.values()].filter((ask) => ask.sessionId === sessionId);
    const all = [...ids, ...(sessionId === null ? [] : own.map(({ id }) => id))];
    const at = this.#needs.clock.now().toISOString();
    if (!see(this.#memory, asks, all, seer, at)) return;
    this.#isUnsaved = true;
    this.look();
  }

  /** Also after a sleep, and when the policy has changed. */
  look(): void {
    if (!this.#isOpen) return;
    // What is told here may come back at once; it is looked at when this is done.
    if (this.#isLooking) return this.#lookSoon();
    this.#soon?.();
    this.#disarm?.();
    this.#soon = this.#disarm = null;
    this.#isLooking = true;
    let nextMs: number | null = LOOK_AGAIN_MS;
    try {
      const world = this.#world();
      const appeared = this.#appeared(world);
      if (appeared.size > 0) comeLate(this.#memory, world.nowMs);
      const again = resumed(this.#memory, this.#needs.asks.all(), appeared);
      const found = advance(this.#memory, this.#needs.asks.all(), world);
      nextMs = found.nextMs === null ? null : found.nextMs - world.nowMs;
      // First on disk: a host that dies now tells the same again, under the same number.
      if (found.isChanged || this.#isUnsaved) this.#save();
      this.#carryOut([...again, ...found.effects]);
      this.changed.emit();
    } catch (error) {
      // A bug here must not end the host, which has agents at work.
      this.#needs.logger.error({ err: error }, 'a look at what asks for a person failed');
    } finally {
      this.#isLooking = false;
    }
    if (this.#soon === null && nextMs !== null)
      this.#disarm = this.#needs.timers.after(Math.min(nextMs, LOOK_AGAIN_MS), () => this.look());
  }

  /** What comes in one moment is looked at together. */
  #lookSoon(): void {
    if (this.#isOpen) this.#soon ??= this.#needs.timers.after(0, () => this.look());
  }

  #noted(): void {
    this.#saveLater();
    this.changed.emit();
    this.#lookSoon();
  }

  #world(): World {
    const { clock, activity, courier, policy } = this.#needs;
    return {
      ...{ nowMs: clock.steadyMs(), wallMs: clock.wallMs(), at: clock.now().toISOString() },
      ...{ policy: policy(), active: activity.now(), outlets: courier.outlets() },
      settledMs: this.#startedMs + SETTLED_AFTER_MS,
    };
  }

  /** Where nobody could be told a moment ago. */
  #appeared({ outlets }: World): ReadonlySet<Place> {
    const before = this.#places;
    this.#places = new Set(outlets.map(({ place }) => place));
    return new Set([...this.#places].filter((place) => !before.has(place)));
  }

  #carryOut(effects: readonly Effect[]): void {
    const { courier, asks, policy } = this.#needs;
    const badge = badgeOf(this.#memory, asks.all(), policy());
    for (const effect of effects) {
      if (effect.do === 'withdraw') {
        // Elsewhere it is owed until that place is back.
        if (this.#places.has(effect.place))
          courier.withdraw(effect.place, effect.ids, badge, effect.upToRound);
        continue;
      }
      const { place, asks: told, isDigest, round, loud, at, isAgain } = effect;
      const mark = { round, loud, at, ...(isAgain && { again: true }) };
      const [only] = told;
      if (isDigest) courier.show(place, digestOf(place, told, mark), badge);
      else if (only !== undefined) courier.show(place, noticeOf(only, mark), badge);
    }
  }

  #saveLater(): void {
    this.#saving ??= this.#needs.timers.after(SAVE_LATER_MS, () => this.#save());
  }

  /** Where that fails, as with a full disk, a person is told all the same: twice rather than never. */
  #save(): void {
    this.#saving?.();
    this.#saving = null;
    this.#isUnsaved = false;
    const text = this.#memory.text();
    try {
      this.#needs.commit((tx) => tx.putMeta(KEY, text));
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'what was told cannot be written down');
    }
  }
}
