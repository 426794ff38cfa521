import { withDeadline } from '../../../../src/base/deadline.ts';
import { mustShowEachPush } from '../../push/surely-shown.ts';
import { notificationWords as words } from '../../../strings/phone-notification.ts';
import type { Hosts } from '../../store/hosts.ts';
import type { PushStore } from '../../push/push-store.ts';
import type { PushPayload } from '../../../../src/protocol/push.ts';
import { factsOf, plainOf, quietly, shownOf, silenceOf, type Shown } from './notification.ts';
import type { Pictures } from './pictures.ts';
import { payloadOf, type WithdrawPush } from './payload.ts';
import { newnessOf, withGone, withShown } from './told.ts';
import type { PushEvent, PushScope } from './worker-world.ts';

const TAKE_LIMIT_MS = 8_000;
const STALE_LIMIT_MS = 1_000;
/** Long enough for a decision, which takes 25 s at most. */
const STALE_MS = 30_000;
/** A browser looks whether something was shown when the event is over. */
const PASSING_MS = 2_000;

export interface ArrivingNeeds {
  readonly scope: PushScope;
  readonly hosts: Pick<Hosts, 'get'>;
  readonly pushes: Pick<PushStore, 'all' | 'change'>;
  pictures(): Promise<Pictures>;
  nowMs(): number;
  after(delayMs: number, run: () => void): void;
}

/** What comes by push, and what of it is shown. */
export class Arriving {
  readonly #needs: ArrivingNeeds;
  readonly #mustShow: boolean;
  #settledAtMs = 0;

  constructor(needs: ArrivingNeeds) {
    this.#needs = needs;
    this.#mustShow = mustShowEachPush(needs.scope.navigator.userAgent);
  }

  /** Never rejects, and never without a notification where the browser asks for one. */
  async push(data: PushEvent['data']): Promise<void> {
    await withDeadline(this.#settleStale(), STALE_LIMIT_MS, 'Looking for stale ones').catch(
      () => {},
    );
    try {
      const payload = payloadOf(data?.text() ?? '');
      if (payload === null) await this.#show(plainOf(null, false));
      else await withDeadline(this.#take(payload), TAKE_LIMIT_MS, 'Showing what was pushed');
    } catch {
      // The storage is of a newer version, or was taken away: whose push it is cannot be known.
      await this.#show(plainOf(null, false)).catch(() => {});
    }
  }

  /**
   * Where this worker was ended while it decided: nothing may say for ever that it is doing something.
   * Not after something was shown: Chromium 156 forgets what stands there when it is asked for it in
   * the moments in which it appears, and then no tap on it arrives.
   */
  async #settleStale(): Promise<void> {
    // A burst: the one before has just looked.
    const nowMs = this.#needs.nowMs();
    if (Math.abs(nowMs - this.#settledAtMs) < STALE_MS) return;
    this.#settledAtMs = nowMs;
    for (const { data, title } of await this.#needs.scope.registration.getNotifications()) {
      const facts = factsOf(data);
      const sinceMs = facts?.workingSinceMs;
      if (facts === null || sinceMs === undefined) continue;
      if (Math.abs(nowMs - sinceMs) < STALE_MS) continue;
      await this.#show(quietly(facts, title, words.notKnown));
    }
  }

  async #take(payload: PushPayload): Promise<void> {
    const { hosts, nowMs } = this.#needs;
    const host = await hosts.get(payload.host);
    if (host === null) return await this.#ofNobody();
    if (payload.type === 'withdraw') return await this.#withdraw(payload);
    let newness = 'new' as ReturnType<typeof newnessOf>;
    await this.#note(payload.host, ({ shown }) => {
      newness = newnessOf(shown, payload);
      const badge = payload.type === 'silence' ? {} : { badge: payload.badge };
      return newness === 'new' ? { shown: withShown(shown, payload), ...badge } : {};
    });
    if (newness === 'again') return await this.#again(payload.tag);
    if (newness === 'over') return await this.#inPassing(payload, words.over);
    const shown =
      payload.type === 'show'
        ? shownOf(payload, this.#needs.scope.Notification?.maxActions ?? 0)
        : silenceOf(payload, host.seenAtMs, nowMs());
    await this.#show(shown);
    await this.#badge();
  }

  async #withdraw({ host, tags, rounds, words: why, badge }: WithdrawPush): Promise<void> {
    await this.#note(host, ({ shown }) => ({
      shown: withGone(shown, tags, rounds),
      badge,
    }));
    const [first, ...others] = tags;
    for (const tag of others) await this.#close(tag);
    if (first !== undefined) await this.#leave(host, first, why);
    await this.#badge();
  }

  /** Where the storage is full: told twice is better than not told. */
  async #note(host: string, change: Parameters<PushStore['change']>[1]): Promise<void> {
    await this.#needs.pushes.change(host, change).catch(() => {});
  }

  /** Takes one away. Each push has to show something: that it is over, for a moment or to stay. */
  async #leave(host: string, tag: string, why: string): Promise<void> {
    const { registration } = this.#needs.scope;
    const [asking] = await registration.getNotifications({ tag });
    const facts = factsOf(asking?.data);
    // What became of it stands there already, or will in a moment.
    if (facts?.isReceipt === true || facts?.workingSinceMs !== undefined) return;
    await this.#inPassing({ host, tag, title: asking?.title ?? words.app }, why);
  }

  async #inPassing(
    { host, tag, title }: { host: string; tag: string; title?: string },
    why: string,
  ): Promise<void> {
    await this.#show(quietly({ host, tag }, title ?? words.app, why));
    if (this.#mustShow) return;
    this.#needs.after(PASSING_MS, () => void this.#close(tag).catch(() => {}));
  }

  /** It is there, or was put away by the person: neither is to be heard again. */
  async #again(tag: string): Promise<void> {
    const shown = await this.#needs.scope.registration.getNotifications({ tag });
    if (shown.length > 0 || !this.#mustShow) return;
    await this.#show(plainOf(null, true));
  }

  /** A host that was forgotten here does not know that yet: its next push finds no subscription. */
  async #ofNobody(): Promise<void> {
    await this.#show(plainOf(null, true));
    const { pushManager } = this.#needs.scope.registration;
    const used = await this.#needs.pushes.all();
    const own = await pushManager?.getSubscription();
    if (own != null && !used.some(({ told }) => told?.endpoint === own.endpoint))
      await own.unsubscribe();
  }

  async #close(tag: string): Promise<void> {
    for (const each of await this.#needs.scope.registration.getNotifications({ tag })) each.close();
  }

  async #show({ title, options }: Shown): Promise<void> {
    const { scope, pictures } = this.#needs;
    await scope.registration.showNotification(title, { ...options, ...(await pictures()) });
  }

  /** Of all hosts together: the icon is one. */
  async #badge(): Promise<void> {
    const { navigator } = this.#needs.scope;
    const all = await this.#needs.pushes.all();
    const count = all.reduce((sum, { badge }) => sum + badge, 0);
    if (count === 0) await navigator.clearAppBadge?.();
    else await navigator.setAppBadge?.(count);
  }
}
