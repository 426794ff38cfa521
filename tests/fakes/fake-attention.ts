import {
  DEFAULT_NOTIFY_POLICY,
  type Attention,
  type NotifyState,
} from '../../src/protocol/attention.ts';
import type { NotifyTest, PushState } from '../../src/protocol/push.ts';
import type { AgentPulse, Reach } from '../../src/protocol/reach.ts';
import type { FakeHandlers } from './fake-host-handlers.ts';
import type { FakeHost } from './fake-host.ts';

const AT = '2026-11-21T08:00:00.000Z';

/** A host that nothing is wanted of, behind its own relay, without devices. */
export class FakeAttention {
  now: Attention = { items: [], quietUntil: null };
  pulses: AgentPulse[] = [];
  push: PushState | null = null;
  notify: NotifyState = {
    policy: DEFAULT_NOTIFY_POLICY,
    places: [],
    note: { state: 'idle', why: null, devices: 0, renewedAt: null },
    quietUntil: null,
  };
  /** How the next test goes. */
  test: NotifyTest = { ok: true, status: 201, tookMs: 40, problem: null };
  reach: Reach = {
    at: AT,
    relay: { url: null, own: true, ok: true, ms: 3, heardAgoSec: 1, problem: null },
    devices: [],
    sessions: [],
    service: { installed: true, kind: 'systemd' },
    note: this.notify.note,
  };
  /** What surfaces said unasked, besides acknowledgements. */
  readonly heard: { readonly method: string; readonly params: unknown }[] = [];
}

type Method = Extract<
  keyof FakeHandlers,
  | `attention.${string}`
  | `push.${string}`
  | `notify.${string}`
  | `reach.${string}`
  | 'desktop.follow'
  | 'session.restart'
>;

export function attentionHandlers(host: FakeHost): Pick<FakeHandlers, Method> {
  const { attention } = host;
  const setNotify = (change: Partial<NotifyState>) => {
    attention.notify = { ...attention.notify, ...change };
    return { notify: attention.notify };
  };
  return {
    'attention.list': () => attention.now,
    'attention.seen': ({ ids = [], sessionId }) => {
      const seenAt = host.now();
      const items = attention.now.items.map((item) =>
        ids.includes(item.id) || (sessionId !== undefined && item.sessionId === sessionId)
          ? { ...item, seenAt: item.seenAt ?? seenAt }
          : item,
      );
      attention.now = { ...attention.now, items };
      host.tell('attention.changed', attention.now);
      return {};
    },
    'desktop.follow': () => ({}),
    'push.key': () => ({ key: Buffer.alloc(65, 4).toString('base64url') }),
    'push.subscribe': ({ subscription }) => {
      const service = new URL(subscription.endpoint).hostname;
      attention.push = { state: 'on', since: host.now(), lastAt: null, problem: null, service };
      return { push: attention.push };
    },
    'push.unsubscribe': () => {
      attention.push = null;
      return {};
    },
    'push.state': () => ({ push: attention.push }),
    'notify.state': () => ({ notify: attention.notify }),
    'notify.setPolicy': ({ policy }) =>
      setNotify({ policy: { ...attention.notify.policy, ...policy } }),
    'notify.setChannels': () => setNotify({}),
    'notify.test': () => attention.test,
    'reach.probe': () => ({ reach: attention.reach }),
    'session.restart': ({ sessionId }) => ({ state: host.session(sessionId).state.state }),
  };
}
