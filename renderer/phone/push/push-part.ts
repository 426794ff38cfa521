import type { StoreApi } from 'zustand/vanilla';
import { ATTENTION_KINDS, type AttentionKind } from '../../../src/protocol/attention.ts';
import type { Params, Result } from '../../../src/protocol/methods.ts';
import type { NotifyTest } from '../../../src/protocol/push.ts';
import { phonePush as words } from '../../strings/phone-push.ts';
import type { StoredPush } from '../store/schema.ts';
import { factsOf } from '../worker/push/notification.ts';
import type { PushPart } from './lazy-push.ts';
import type { OwnSubscription, PushBrowser, PushDoor } from './push-browser.ts';
import type { PushView } from './push-here.ts';
import type { PushStore } from './push-store.ts';
import { mustShowEachPush } from './surely-shown.ts';

type Asked = 'push.key' | 'push.subscribe' | 'push.unsubscribe' | 'push.state';

export interface PushPartNeeds {
  readonly hostId: string;
  /** This phone, as the host names it. */
  readonly device: string;
  readonly pushes: Pick<PushStore, 'get' | 'all' | 'change'>;
  readonly browser: PushBrowser;
  readonly store: StoreApi<PushView>;
  /** Throws in words where the host is not connected. */
  call<M extends Asked | 'attention.list' | 'attention.seen' | 'notify.test'>(
    method: M,
    params: Params<M>,
    limitMs?: number,
  ): Promise<Result<M>>;
  isUp(): boolean;
}

const TEST_LIMIT_MS = 20_000;
/** How the ids of digests begin. */
const DIGEST = 'digest:';

/** Keeps the browser's subscription and what the host knows of it the same. One thing after the other. */
export class HostPush implements PushPart {
  readonly #needs: PushPartNeeds;
  #last: Promise<unknown> = Promise.resolve();

  constructor(needs: PushPartNeeds) {
    this.#needs = needs;
  }

  async turnOn(kinds?: readonly AttentionKind[] | null): Promise<void> {
    const { browser, pushes, hostId } = this.#needs;
    await this.#do(async () => {
      const permission = browser.permission();
      if (permission === 'denied') throw new Error(words.denied);
      if (permission === 'default') throw new Error(words.notAnswered);
      const change = { wanted: true, ...(kinds !== undefined && { kinds }) };
      await this.#agree(await pushes.change(hostId, () => change), kinds !== undefined);
    });
  }

  async turnOff(): Promise<void> {
    const { hostId, pushes } = this.#needs;
    await this.#do(async () => {
      const known = await pushes.change(hostId, () => ({ wanted: false }));
      await endSubscription(known, this.#needs);
      // Where the host is away it learns it from its push service: what is gone there is removed.
      if (this.#needs.isUp()) await this.#needs.call('push.unsubscribe', {});
      await pushes.change(hostId, () => ({ told: null }));
    });
  }

  async decline(): Promise<void> {
    const { hostId, pushes } = this.#needs;
    await this.#do(async () => void (await pushes.change(hostId, () => ({ wanted: false }))));
  }

  async look(): Promise<void> {
    await this.#do(async () => {
      const { hostId, pushes, isUp } = this.#needs;
      const known = await pushes.get(hostId);
      if (!isUp()) return;
      await this.#tellSeen(known);
      if (known.wanted !== true) return;
      await this.#agree(known, false);
      await this.#tidy();
    });
  }

  async test(): Promise<NotifyTest> {
    const { call, device } = this.#needs;
    try {
      return await call('notify.test', { place: `device:${device}` }, TEST_LIMIT_MS);
    } catch (error) {
      return { ok: false, status: null, tookMs: 0, problem: wordsOf(error) };
    }
  }

  /** The browser's subscription is one for the host's present key, and the host knows it. */
  async #agree(known: StoredPush, isAnew: boolean): Promise<void> {
    const { browser, call, store, isUp, hostId, pushes } = this.#needs;
    if (!isUp()) throw new Error(words.notConnected);
    if (browser.permission() !== 'granted') return await this.#lost(known);
    const { key } = await call('push.key', {});
    const { push } = await call('push.state', {});
    const scope = known.scope ?? (await this.#scope());
    const door = await browser.door(scope);
    // What the host has let go is dead at the push service: another is needed, not the same again.
    const isDead = push === null && known.told !== null;
    const own = await subscriptionFor(door, key, isDead ? known.told.endpoint : null);
    const { endpoint } = own.json;
    const isTold = known.told?.endpoint === endpoint && known.told.key === key && push !== null;
    store.setState({ atHost: push });
    if (isTold && !isAnew) return;
    const kinds = kindsOf(known);
    const answer = await call('push.subscribe', {
      subscription: own.json,
      actions: browser.maxActions >= 2,
      silent: !mustShowEachPush(browser.userAgent),
      ...(kinds !== null && { kinds: [...kinds] }),
    });
    await pushes.change(hostId, () => ({ scope, told: { endpoint, key } }));
    store.setState({ atHost: answer.push });
  }

  /** A withdrawal may have been lost with an older subscription: what stands and asks no more goes. */
  async #tidy(): Promise<void> {
    const { browser, call, hostId, pushes } = this.#needs;
    const { scope } = await pushes.get(hostId);
    if (scope === null) return;
    const standing = await (await browser.door(scope)).standing();
    if (standing.length === 0) return;
    const { items } = await call('attention.list', {});
    const asking = new Set(items.flatMap(({ id, seenAt }) => (seenAt === null ? [id] : [])));
    for (const notice of standing) {
      const facts = factsOf(notice.data);
      if (facts?.host !== hostId || facts.isReceipt === true) continue;
      // A digest stands for whatever still asks.
      const asks = notice.tag.startsWith(DIGEST) ? asking.size > 0 : asking.has(notice.tag);
      if (!asks) notice.close();
    }
  }

  /** The person has taken the permission back, in the browser's own settings. */
  async #lost(known: StoredPush): Promise<void> {
    const { call, hostId, pushes, store } = this.#needs;
    store.setState({ atHost: null });
    if (known.told === null) return;
    await call('push.unsubscribe', {});
    await pushes.change(hostId, () => ({ told: null }));
  }

  /** The page's own worker where no other host has it, else one for this host alone. */
  async #scope(): Promise<string> {
    const { hostId, pushes } = this.#needs;
    const others = (await pushes.all()).filter((each) => each.hostId !== hostId);
    return others.some(({ scope }) => scope === '') ? `push/${hostId}/` : '';
  }

  async #tellSeen({ seen }: StoredPush): Promise<void> {
    const { call, hostId, pushes } = this.#needs;
    if (seen.length === 0) return;
    await call('attention.seen', { ids: [...seen] });
    await pushes.change(hostId, (now) => ({ seen: now.seen.filter((id) => !seen.includes(id)) }));
  }

  async #do(work: () => Promise<void>): Promise<void> {
    const { store } = this.#needs;
    const turn = this.#last.then(async () => {
      store.setState({ isBusy: true, problem: null });
      let problem: string | null = null;
      await work().catch((error: unknown) => (problem = wordsOf(error)));
      await this.#show().catch((error: unknown) => (problem ??= wordsOf(error)));
      store.setState({ isBusy: false, problem });
    });
    this.#last = turn;
    await turn;
  }

  async #show(): Promise<void> {
    const { hostId, pushes, browser, store } = this.#needs;
    const known = await pushes.get(hostId);
    const permission = browser.permission();
    store.setState({
      permission,
      wanted: known.wanted,
      isOn: known.wanted === true && known.told !== null && permission === 'granted',
      kinds: kindsOf(known),
    });
  }
}

/** Ends what the browser has for this host, whoever knows of it. */
export async function endSubscription(
  { scope, told }: Pick<StoredPush, 'scope' | 'told'>,
  { browser }: { readonly browser: Pick<PushBrowser, 'door'> },
): Promise<void> {
  if (scope === null) return;
  const own = await (await browser.door(scope)).subscription();
  // The page's worker may have another host's by now.
  if (own !== null && (told === null || own.json.endpoint === told.endpoint)) await own.end();
}

async function subscriptionFor(
  door: PushDoor,
  key: string,
  dead: string | null,
): Promise<OwnSubscription> {
  const own = await door.subscription();
  if (own === null) return await door.subscribe(key);
  if ((own.key === null || own.key === key) && own.json.endpoint !== dead) return own;
  // A browser refuses another key while there is a subscription.
  await own.end();
  return await door.subscribe(key);
}

function kindsOf({ kinds }: StoredPush): readonly AttentionKind[] | null {
  return kinds === null ? null : ATTENTION_KINDS.filter((kind) => kinds.includes(kind));
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
