import { createStore } from 'zustand/vanilla';
import { beforeEach, expect, test } from 'vitest';
import type {
  OwnSubscription,
  PushDoor,
  StandingNotice,
} from '../../../../../renderer/phone/push/push-browser.ts';
import type { PushView } from '../../../../../renderer/phone/push/push-here.ts';
import { endSubscription, HostPush } from '../../../../../renderer/phone/push/push-part.ts';
import type { StoredPush } from '../../../../../renderer/phone/store/schema.ts';

const STATE = {
  ...{ state: 'on', since: '2026-11-21T14:02:00.000Z', lastAt: null, problem: null },
  service: 'push.example',
};
const nothing = (hostId: string): StoredPush => ({
  ...{ hostId, wanted: null, kinds: null, scope: null, told: null },
  ...{ shown: [], seen: [], badge: 0 },
});

/** A browser, its storage, and a host, of which each does what it is told. */
class World {
  permission: NotificationPermission = 'granted';
  isUp = true;
  key = 'K1';
  atHost: unknown = null;
  readonly stored = new Map<string, StoredPush>();
  readonly asked: [string, unknown][] = [];
  readonly doors = new Map<string, OwnSubscription | null>();
  made = 0;
  standing: StandingNotice[] = [];
  items: { id: string; seenAt: string | null }[] = [];
  readonly store = createStore<PushView>(() => ({
    ...{ can: 'yes', permission: 'default', wanted: null, isOn: false, kinds: null },
    ...{ atHost: null, isBusy: false, problem: null },
  }));

  push(hostId = 'H'): HostPush {
    return new HostPush({
      ...{ hostId, device: 'D', store: this.store },
      pushes: {
        get: async (id) => this.stored.get(id) ?? nothing(id),
        all: async () => [...this.stored.values()],
        change: async (id, change) => {
          const known = this.stored.get(id) ?? nothing(id);
          const next = { ...known, ...change(known) };
          this.stored.set(id, next);
          return next;
        },
      },
      browser: {
        ...{ userAgent: 'Chrome/140', maxActions: 2, permission: () => this.permission },
        door: async (scope) => this.door(scope),
      },
      // As the table of methods pairs them.
      call: (async (method: string, params: unknown) => this.answer(method, params)) as never,
      isUp: () => this.isUp,
    });
  }

  answer(method: string, params: unknown): unknown {
    this.asked.push([method, params]);
    if (method === 'push.key') return { key: this.key };
    if (method === 'push.state') return { push: this.atHost };
    if (method === 'attention.list') return { items: this.items, quietUntil: null };
    if (method === 'push.unsubscribe') this.atHost = null;
    if (method === 'push.subscribe') return { push: (this.atHost = STATE) };
    return {};
  }

  door(scope: string): PushDoor {
    return {
      standing: async () => this.standing,
      subscription: async () => this.doors.get(scope) ?? null,
      subscribe: async (key) => {
        if (this.doors.get(scope) != null) throw new Error('another key is in use');
        const endpoint = `https://push.example/${(this.made += 1)}`;
        const own = {
          ...{ key, json: { endpoint, keys: { p256dh: 'p', auth: 'a' } } },
          end: async () => void this.doors.set(scope, null),
        };
        this.doors.set(scope, own);
        return own;
      },
    };
  }

  /** What the host was told of subscriptions. */
  told(): unknown[] {
    return this.asked
      .filter(([method]) => /^push\.(?:un)?subscribe$/.test(method))
      .map(([method, params]) =>
        method === 'push.subscribe'
          ? (params as { subscription: { endpoint: string } }).subscription.endpoint
          : method,
      );
  }
}

let world: World;
beforeEach(() => (world = new World()));

test('is turned on once, and a look at each connection changes nothing of what is right', async () => {
  const push = world.push();
  await push.turnOn(['decision']);
  await push.look();
  await push.look();
  expect([world.told(), world.asked.find(([method]) => method === 'push.subscribe')?.[1]]).toEqual([
    ['https://push.example/1'],
    {
      subscription: { endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' } },
      ...{ actions: true, silent: true, kinds: ['decision'] },
    },
  ]);
  expect(world.store.getState()).toMatchObject({
    ...{ isOn: true, wanted: true, kinds: ['decision'], problem: null, isBusy: false },
    atHost: STATE,
  });
});

test('is made anew where the host has another key, and where the host let the old one go', async () => {
  const push = world.push();
  await push.turnOn();
  world.key = 'K2';
  await push.look();
  world.atHost = null;
  await push.look();
  expect(world.told()).toEqual([1, 2, 3].map((n) => `https://push.example/${n}`));
});

test('the browser’s own change of a subscription is told to the host', async () => {
  const push = world.push();
  await push.turnOn();
  world.doors.set('', null);
  await world.door('').subscribe('K1');
  await push.look();
  expect(world.told()).toEqual(['https://push.example/1', 'https://push.example/2']);
});

test('nothing is asked of the browser before the person wants it, and after they declined', async () => {
  const push = world.push();
  await push.look();
  await push.decline();
  await push.look();
  expect([world.made, world.store.getState().wanted]).toEqual([0, false]);
});

test('a permission that was taken back takes the subscription at the host with it', async () => {
  const push = world.push();
  await push.turnOn();
  world.permission = 'denied';
  await push.look();
  expect([world.told().at(-1), world.store.getState().isOn]).toEqual(['push.unsubscribe', false]);
  await push.turnOn();
  expect(world.store.getState().problem).toContain('does not let Porchlight notify');
});

test('turned off without a connection, it ends here at once', async () => {
  const push = world.push();
  await push.turnOn();
  world.isUp = false;
  await push.turnOff();
  expect([world.doors.get(''), world.told(), world.store.getState().isOn]).toEqual([
    null,
    ['https://push.example/1'],
    false,
  ]);
});

test('a second host has a worker of its own, and ends nothing of the first', async () => {
  await world.push('H').turnOn();
  world.key = 'other';
  await world.push('I').turnOn();
  expect([...world.doors.keys()]).toEqual(['', 'push/I/']);
  const second = world.stored.get('I') ?? nothing('I');
  await endSubscription(second, { browser: { door: async (scope) => world.door(scope) } });
  expect([world.doors.get('')?.key, world.doors.get('push/I/')]).toEqual(['K1', null]);
});

test('what was opened from a notification is told to the host once it is there', async () => {
  world.stored.set('H', { ...nothing('H'), seen: ['a', 'b'] });
  const push = world.push();
  world.isUp = false;
  await push.look();
  expect(world.asked).toEqual([]);
  world.isUp = true;
  await push.look();
  await push.look();
  expect(world.asked).toEqual([['attention.seen', { ids: ['a', 'b'] }]]);
});

test('at a connection whatever stands of this host and asks no more is taken away', async () => {
  const push = world.push();
  await push.turnOn();
  const closed: string[] = [];
  const notice = (tag: string, data: object = {}): StandingNotice => ({
    ...{ tag, data: { host: 'H', tag, ...data } },
    close: () => void closed.push(tag),
  });
  world.standing = [
    ...[notice('open'), notice('decided'), notice('seen'), notice('silence')],
    ...[notice('digest:device:D'), notice('receipt', { isReceipt: true })],
    notice('another host’s', { host: 'other' }),
  ];
  world.items = [
    { id: 'open', seenAt: null },
    { id: 'seen', seenAt: '2026-11-21T14:02:00.000Z' },
  ];
  await push.look();
  expect(closed).toEqual(['decided', 'seen', 'silence']);
  closed.splice(0);
  world.items = [];
  await push.look();
  expect(closed).toEqual(['open', 'decided', 'seen', 'silence', 'digest:device:D']);
});
