import { describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../src/base/log.ts';
import { systemClock, type Clock } from '../../../src/relay/clock.ts';
import { newNodeId } from '../../../src/relay/cluster/node-id.ts';
import { openNats, type NatsParts } from '../../../src/relay/cluster/open-nats.ts';
import { Subjects } from '../../../src/relay/cluster/subjects.ts';
import { ClusterNotes } from '../../../src/relay/notes/cluster-notes.ts';
import type { ForwardedHost } from '../../../src/relay/notes/forwarded-host.ts';
import { natsSettings } from '../../support/nats-settings.ts';
import { isWithoutNats, NatsUnderTest } from '../../support/nats-under-test.ts';
import { answered, channelId, deviceId, note, revocations } from '../../support/relay-notes.ts';

/** Ten seconds pass in one: leases of ten seconds and silences of a minute are waited out for real. */
const FASTER = 10;
const fastClock: Clock = {
  nowMs: () => performance.now() * FASTER,
  after: (ms, act) => systemClock.after(ms / FASTER, act),
};
const WAIT = { timeout: 15_000, interval: 20 };
const host = channelId();
const phone = deviceId();

interface Node {
  readonly notes: ClusterNotes;
  readonly nats: NatsParts;
  readonly told: unknown[];
  came(): ForwardedHost;
}

describe.skipIf(isWithoutNats()).concurrent('nodes over a real NATS', () => {
  async function start(finished: (end: () => Promise<void>) => void) {
    const ends: (() => Promise<void>)[] = [];
    finished(async () => {
      for (const end of ends.toReversed()) await end();
    });
    const nats = await NatsUnderTest.start();
    ends.push(async () => await nats.stop());
    const posts: string[] = [];
    const join = (): Node => {
      const parts = openNats(natsSettings(nats.urls), {
        ...{ clock: systemClock, log: silentLogger },
        wallMs: () => Date.now(),
        random: () => Math.random(),
      });
      const notes = new ClusterNotes({
        self: newNodeId(),
        bus: parts.bus,
        subject: new Subjects('under-test').notes,
        lease: parts.lease,
        openStore: (onFailed) => parts.openNotes(onFailed),
        post: async ({ url }) => {
          posts.push(url.split('/').at(-1) ?? '');
          return await Promise.resolve(answered(201));
        },
        clock: fastClock,
        wallMs: () => Date.now() * FASTER,
        random: () => Math.random(),
        limits: {
          silences: { minSec: 5, maxSec: 82_800 },
          graceMs: 5_000,
          maxBytes: 10_000_000,
          maxHosts: 100,
        },
        log: silentLogger,
      });
      ends.push(async () => {
        await notes.close();
        await parts.close();
      });
      const told: unknown[] = [];
      const came = (): ForwardedHost => {
        const desk = notes.of(host);
        desk.came((message) => told.push(message), revocations([]));
        return desk;
      };
      return { notes, nats: parts, told, came };
    };
    const keeperOf = async (...nodes: readonly Node[]): Promise<Node> =>
      await vi.waitFor(() => {
        const [keeper, another] = nodes.filter(({ notes }) => notes.isKeeper);
        if (keeper === undefined || another !== undefined) throw new Error('not one keeper');
        return keeper;
      }, WAIT);
    return { nats, join, keeperOf, posts };
  }

  test('send a note once, and tell its host at whichever node it comes back', async ({
    onTestFinished,
  }) => {
    const { join, keeperOf, posts } = await start(onTestFinished);
    const [one, other] = [join(), join()];
    const keeper = await keeperOf(one, other);
    const away = keeper === one ? other : one;
    const desk = away.came();
    desk.leave([note(phone, { afterSec: 10 })], 0, revocations([]));
    await pause(1_200);
    expect(posts).toEqual([]);
    desk.went();
    await vi.waitFor(() => expect(posts).toEqual([phone]), WAIT);
    keeper.came();
    const fired = [{ type: 'notesFired', fired: [{ device: phone, status: 201 }] }];
    await vi.waitFor(() => expect(keeper.told).toMatchObject(fired), WAIT);
    expect(posts).toEqual([phone]);
  });

  test('lose the one that keeps them: another reads what it kept, and sends it', async ({
    onTestFinished,
  }) => {
    const { join, keeperOf, posts } = await start(onTestFinished);
    const [one, other] = [join(), join()];
    const keeper = await keeperOf(one, other);
    const rest = keeper === one ? other : one;
    const desk = keeper.came();
    desk.leave([note(phone, { afterSec: 20 })], 0, revocations([]));
    await vi.waitFor(() => expect(keeper.notes.waiting).toBe(0), WAIT);
    // Nothing is said to anybody.
    await keeper.nats.link.close();
    await vi.waitFor(() => expect(rest.notes.isKeeper).toBe(true), WAIT);
    await vi.waitFor(() => expect(posts).toEqual([phone]), WAIT);
    expect(keeper.notes.isKeeper).toBe(false);
  });

  test('lose NATS for longer than the lease: nobody is alarmed by that, and nothing is lost', async ({
    onTestFinished,
  }) => {
    const { nats, join, keeperOf, posts } = await start(onTestFinished);
    const [one, other] = [join(), join()];
    const keeper = await keeperOf(one, other);
    const away = keeper === one ? other : one;
    const desk = away.came();
    desk.leave([note(phone, { afterSec: 12 })], 0, revocations([]));
    await vi.waitFor(() => expect(away.notes.waiting).toBe(0), WAIT);
    await nats.server.kill();
    desk.leave([note(phone, { afterSec: 12 })], 0, revocations([]));
    await pause(1_000);
    expect([keeper.notes.isKeeper, posts]).toEqual([false, []]);
    await nats.server.start();
    await keeperOf(one, other);
    // It was there all the time.
    await pause(2_000);
    expect(posts).toEqual([]);
    desk.went();
    await vi.waitFor(() => expect(posts).toEqual([phone]), WAIT);
  });
});

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
