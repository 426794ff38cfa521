import { beforeEach, describe, expect, test } from 'vitest';
import type { Shown } from '../../../../../../renderer/phone/worker/push/notification.ts';
import { Arriving } from '../../../../../../renderer/phone/worker/push/arriving.ts';
import type { PushScope } from '../../../../../../renderer/phone/worker/push/worker-world.ts';
import type { StoredPush } from '../../../../../../renderer/phone/store/schema.ts';

const IOS =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const ANDROID =
  'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';
const at = '2026-11-21T14:02:00.000Z';
const NOTHING: StoredPush = {
  ...{ hostId: 'H', wanted: true, kinds: null, scope: '', told: null },
  ...{ shown: [], seen: [], badge: 0 },
};

/** A browser's notifications, a storage, and timers that are run by hand. */
class World {
  readonly standing = new Map<string, Shown>();
  readonly heard: string[] = [];
  readonly badges: number[] = [];
  readonly later: (() => void)[] = [];
  stored = new Map<string, StoredPush>();
  storage: 'fine' | 'broken' | 'full' = 'fine';
  unsubscribed = 0;

  arriving(userAgent = ANDROID): Arriving {
    const { standing } = this;
    const scope = {
      location: { href: 'https://relay.example/sw.js' },
      navigator: {
        userAgent,
        setAppBadge: async (n: number) => void this.badges.push(n),
        clearAppBadge: async () => void this.badges.push(0),
      },
      Notification: { maxActions: userAgent === IOS ? 0 : 2 },
      registration: {
        scope: 'https://relay.example/',
        showNotification: async (title: string, options: Shown['options']) => {
          const { tag, silent, renotify } = options;
          if (silent !== true && (renotify === true || !standing.has(tag))) this.heard.push(tag);
          standing.set(tag, { title, options });
        },
        getNotifications: async (filter?: { tag: string }) =>
          [...standing.values()]
            .filter(({ options }) => filter === undefined || options.tag === filter.tag)
            .map(({ title, options }) => ({
              ...{ title, tag: options.tag, data: options.data },
              close: () => void standing.delete(options.tag),
            })),
        pushManager: {
          getSubscription: async () => ({
            endpoint: 'https://push.example/1',
            unsubscribe: async () => void (this.unsubscribed += 1),
          }),
        },
      },
    } as unknown as PushScope;
    return new Arriving({
      scope,
      hosts: {
        get: async (hostId) => {
          if (this.storage === 'broken') throw new Error('no storage');
          // Only when it was seen is looked at.
          return hostId === 'H' ? ({ hostId, seenAtMs: null } as never) : null;
        },
      },
      pushes: {
        all: async () => [...this.stored.values()],
        change: async (hostId, change) => {
          const known = this.stored.get(hostId) ?? NOTHING;
          const next = { ...known, ...change(known) };
          if (this.storage === 'full') throw new DOMException('no room', 'QuotaExceededError');
          this.stored.set(hostId, next);
          return next;
        },
      },
      pictures: async () => ({}),
      nowMs: () => Date.parse(at),
      after: (_, run) => void this.later.push(run),
    });
  }

  bodies(): string[] {
    return [...this.standing.values()].map(({ options }) => options.body);
  }
}

const head = { v: 1, host: 'H', badge: 2 };
const show = (change: object = {}): string =>
  JSON.stringify({
    ...{ type: 'show', ...head, tag: 'a_0123456789ab', round: 1, kind: 'decision', title: 'Shop' },
    ...{ body: 'npm test', at, loud: false, approvalId: 'a_0123456789ab' },
    ...change,
  });
const withdraw = (...tags: string[]): string =>
  JSON.stringify({ type: 'withdraw', ...head, badge: 0, tags, words: 'Allowed in the window.' });
const push = async (arriving: Arriving, text: string): Promise<void> =>
  await arriving.push({ text: () => text });

let world: World;
beforeEach(() => (world = new World()));

describe('a push', () => {
  test('is shown and counted once, however often it comes', async () => {
    const arriving = world.arriving();
    await push(arriving, show());
    world.standing.clear();
    await push(arriving, show());
    expect(world.bodies()).toEqual([]);
    await push(arriving, show({ round: 2, loud: true }));
    expect([world.bodies(), world.heard, world.badges]).toEqual([
      ['npm test'],
      ['a_0123456789ab', 'a_0123456789ab'],
      [2, 2],
    ]);
  });

  test('without data, or with what nobody can read, still shows something', async () => {
    await world.arriving().push(null);
    expect(world.bodies()).toEqual(['Something asks for you. Open Porchlight.']);
    world.standing.clear();
    await world.arriving().push({
      text: () => {
        throw new TypeError('not decoded');
      },
    });
    expect(world.bodies()).toEqual(['Something asks for you. Open Porchlight.']);
  });

  test('whose host cannot be looked up shows that something asks, and nothing of what it says', async () => {
    world.storage = 'broken';
    await push(world.arriving(), show());
    expect(world.bodies()).toEqual(['Something asks for you. Open Porchlight.']);
  });

  test('that cannot be noted, because the storage is full, is shown and taken back all the same', async () => {
    const arriving = world.arriving();
    world.storage = 'full';
    await push(arriving, show());
    const shown = world.bodies();
    await push(arriving, withdraw('a_0123456789ab'));
    expect([shown, world.bodies()]).toEqual([['npm test'], ['Allowed in the window.']]);
  });

  test('of a host that was forgotten ends the subscription that it came over, and no other host’s', async () => {
    await push(world.arriving(), show({ host: 'forgotten' }));
    expect([world.bodies(), world.heard, world.unsubscribed]).toEqual([
      ['Something asks for you. Open Porchlight.'],
      [],
      1,
    ]);
    world.stored.set('H', {
      ...NOTHING,
      told: { endpoint: 'https://push.example/1', key: 'K' },
    });
    await push(world.arriving(), show({ host: 'forgotten' }));
    expect(world.unsubscribed).toBe(1);
  });
});

describe('a withdrawal', () => {
  test('takes all of its notifications away, and the number on the icon', async () => {
    const arriving = world.arriving();
    await push(arriving, show());
    await push(arriving, show({ tag: 'b', approvalId: 'a_ba9876543210' }));
    await push(arriving, withdraw('a_0123456789ab', 'b'));
    expect(world.bodies()).toEqual(['Allowed in the window.']);
    for (const run of world.later) run();
    await Promise.resolve();
    await Promise.resolve();
    expect([world.bodies(), world.badges.at(-1)]).toEqual([[], 0]);
  });

  test('leaves its words, quietly, where each push must show something', async () => {
    const arriving = world.arriving(IOS);
    await push(arriving, show({ hash: 'f' }));
    expect(world.standing.get('a_0123456789ab')?.options.actions).toBeUndefined();
    await push(arriving, withdraw('a_0123456789ab'));
    expect([world.bodies(), world.later, world.heard]).toEqual([
      ['Allowed in the window.'],
      [],
      ['a_0123456789ab'],
    ]);
  });

  test('leaves the receipt of what was decided here', async () => {
    const arriving = world.arriving();
    const data = { host: 'H', tag: 'a_0123456789ab', isReceipt: true };
    world.standing.set('a_0123456789ab', {
      ...{ title: 'Shop', options: { body: 'Allowed: npm test.', tag: 'a_0123456789ab', data } },
    });
    await push(arriving, withdraw('a_0123456789ab'));
    expect([world.bodies(), world.later]).toEqual([['Allowed: npm test.'], []]);
  });

  test('that overtakes its question leaves nothing that asks', async () => {
    const arriving = world.arriving();
    await push(arriving, withdraw('a_0123456789ab'));
    await push(arriving, show({ hash: 'f' }));
    const [one] = world.standing.values();
    expect([one?.options.body, one?.options.actions, world.heard]).toEqual([
      'Decided before this arrived.',
      undefined,
      [],
    ]);
  });
});
