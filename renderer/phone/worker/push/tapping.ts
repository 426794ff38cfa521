import { withDeadline } from '../../../../src/base/deadline.ts';
import { notificationWords as words } from '../../../strings/phone-notification.ts';
import { GO_THERE, hashAt } from '../../push/go-there.ts';
import type { PushStore } from '../../push/push-store.ts';
import type { Decider } from '../decide/decider.ts';
import { ACTIONS, factsOf, quietly, type NotificationFacts, type Shown } from './notification.ts';
import { receiptOf, type Asked, type Outcome } from './outcome.ts';
import { withSeen } from './told.ts';
import type { ClickEvent, PageClient, PushScope } from './worker-world.ts';

/** The decider keeps to 25 s itself; this is for one that hangs. */
const DECIDE_LIMIT_MS = 27_000;
const MAX_KEPT = 50;

export interface TappingNeeds {
  readonly scope: PushScope;
  /** Where the app is: `https://…/`. */
  readonly root: string;
  readonly pushes: Pick<PushStore, 'change'>;
  show(shown: Shown): Promise<void>;
  /** Loads what computes. Throws where it cannot be had. */
  decider(): Decider;
  nowMs(): number;
}

/** What a person does with a notification. */
export class Tapping {
  readonly #needs: TappingNeeds;
  /** By approval: a second tap decides nothing. */
  readonly #deciding = new Map<string, Promise<boolean>>();

  constructor(needs: TappingNeeds) {
    this.#needs = needs;
  }

  async tapped({
    action,
    notification,
  }: Pick<ClickEvent, 'action' | 'notification'>): Promise<void> {
    const facts = factsOf(notification.data);
    const asked = facts === null ? null : askedBy(facts, action);
    if (facts === null || asked === null) {
      notification.close();
      return await this.#open(facts);
    }
    const known = this.#deciding.get(asked.approvalId);
    if (known !== undefined) return void (await known);
    const deciding = this.#decide(facts, asked, notification.title);
    this.#deciding.set(asked.approvalId, deciding);
    const isOver = await deciding.catch((error: unknown) => {
      this.#deciding.delete(asked.approvalId);
      throw error;
    });
    // What was not decided may be tried again; its receipt stays as it is otherwise.
    if (!isOver) this.#deciding.delete(asked.approvalId);
    const [oldest] = this.#deciding.keys();
    if (this.#deciding.size > MAX_KEPT && oldest !== undefined) this.#deciding.delete(oldest);
  }

  async #decide(facts: NotificationFacts, asked: Asked, title: string): Promise<boolean> {
    const { show, nowMs, decider } = this.#needs;
    // Before anything that can hang.
    const working = { workingSinceMs: nowMs() };
    await show(quietly(facts, title, words.working(asked.allow), working));
    const outcome = await this.#outcome(asked, decider);
    const isReceipt = ['decided', 'earlier', 'expired'].includes(outcome.kind);
    await show(quietly(facts, title, receiptOf(asked.allow, outcome), { isReceipt }));
    // Some browsers open a page only in the first moments after a tap; then the notification leads there.
    if (outcome.kind === 'toCard') await this.#open(facts).catch(() => {});
    return isReceipt;
  }

  async #outcome(asked: Asked, decider: () => Decider): Promise<Outcome> {
    try {
      const deciding = decider().decide(asked);
      return await withDeadline(deciding, DECIDE_LIMIT_MS, 'Deciding');
    } catch {
      // The decider tells in its outcome what it knows to be wrong.
      return { kind: 'failed', wasSent: true, why: null };
    }
  }

  async #open(facts: NotificationFacts | null): Promise<void> {
    const { scope, root, pushes } = this.#needs;
    const host = facts?.host ?? null;
    if (host !== null && facts !== null)
      // The page tells the host: it is the one that is connected in a moment.
      await pushes
        .change(host, ({ seen }) => ({ seen: withSeen(seen, facts.tag) }))
        .catch(() => {});
    const hash = host === null ? '' : hashAt(host, facts?.sessionId);
    const pages = await scope.clients.matchAll({ includeUncontrolled: true, type: 'window' });
    const page = bestOf(pages.filter(({ url }) => url.startsWith(root)));
    if (page === null) return void (await scope.clients.openWindow(root + hash));
    if (hash !== '') page.postMessage({ [GO_THERE]: hash });
    // Where the browser does not let it come to the front, it is at the right place all the same.
    await page.focus().catch(() => {});
  }
}

function askedBy(facts: NotificationFacts, action: string): Asked | null {
  const { host, approvalId, hash, sessionId } = facts;
  const allow = action === ACTIONS.allow;
  if (!allow && action !== ACTIONS.deny) return null;
  if (host === null || approvalId === undefined || hash === undefined) return null;
  return { host, approvalId, hash, allow, ...(sessionId !== undefined && { sessionId }) };
}

function bestOf(pages: readonly PageClient[]): PageClient | null {
  return (
    pages.find(({ focused }) => focused) ??
    pages.find(({ visibilityState }) => visibilityState === 'visible') ??
    pages[0] ??
    null
  );
}
