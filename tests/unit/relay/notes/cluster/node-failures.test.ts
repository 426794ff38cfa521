import { beforeEach, describe, expect, test } from 'vitest';
import {
  first,
  moves,
  moving,
  movingPhone,
  silent,
  silentPhone,
  toTheBrink,
  well,
  wellPhone,
} from '../../../../support/notes-brink.ts';
import { NotesCluster } from '../../../../support/notes-cluster.ts';
import {
  answered,
  channelId,
  deviceId,
  HOUR,
  MINUTE,
  note,
  SECOND,
} from '../../../../support/relay-notes.ts';

let cluster: NotesCluster;
beforeEach(async () => {
  cluster = await NotesCluster.settled();
});

const times = () => cluster.posts.map(({ atSec }) => atSec - 100);

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe('a node', () => {
  test('that dies with its hosts: they are silent since it was last heard', async () => {
    const other = first(cluster.others);
    other.came(well);
    other.left(well, note(wellPhone));
    await cluster.pass(MINUTE);
    other.kill();
    await cluster.pass(HOUR);
    expect(times().map((sec) => Math.abs(sec - 360) <= 4)).toEqual([true]);
  });

  test('that dies, and whose hosts come to others, is not noticed', async () => {
    const [dying, living] = cluster.others;
    dying?.came(well);
    dying?.left(well, note(wellPhone, { afterSec: 60 }));
    await cluster.pass(MINUTE);
    dying?.kill();
    await cluster.pass(40 * SECOND);
    living?.came(well);
    await cluster.pass(HOUR);
    expect(times()).toEqual([]);
  });

  test('that dies together with the keeping one: their hosts are silent since another took over', async () => {
    const { keeper } = cluster;
    const other = first(cluster.others);
    other.came(well);
    other.left(well, note(wellPhone));
    keeper.came(moving);
    keeper.left(moving, note(movingPhone));
    await cluster.pass(MINUTE);
    keeper.kill();
    other.kill();
    await cluster.pass(HOUR);
    expect(cluster.shown).toEqual({ [wellPhone]: 1, [movingPhone]: 1 });
    for (const sec of times()) expect(Math.abs(sec - 375)).toBeLessThan(8);
  });

  test('that is cut off, or stands still: its hosts are silent, until it is heard again', async () => {
    const other = first(cluster.others);
    other.came(well);
    other.left(well, note(wellPhone));
    await cluster.pass(MINUTE);
    other.cut(true);
    await cluster.pass(4 * MINUTE);
    other.cut(false);
    await cluster.pass(HOUR);
    other.stop();
    await cluster.pass(4 * MINUTE);
    other.goOn();
    await cluster.pass(HOUR);
    expect(times()).toEqual([]);
    other.cut(true);
    await cluster.pass(HOUR);
    expect(times()).toHaveLength(1);
  });

  test('that could not tell anybody for a while tells all of it in its order', async () => {
    const other = first(cluster.others);
    const asleep = channelId();
    other.came(asleep);
    other.came(well);
    await cluster.pass(5 * SECOND);
    other.cut(true);
    other.left(asleep, note(movingPhone));
    other.host(asleep).slept();
    other.went(asleep);
    other.left(well, note(wellPhone), note(silentPhone));
    other.host(well).drop([silentPhone]);
    other.went(well);
    await cluster.pass(100 * SECOND);
    other.cut(false);
    await cluster.pass(HOUR);
    // Silent since it went, not since that was told.
    expect(times().map((sec) => Math.abs(sec - 305) <= 3)).toEqual([true]);
    expect(cluster.shown).toEqual({ [wellPhone]: 1 });
  });
});

test('no node may reach the store for a while: nobody is alarmed by that, and none is lost', async () => {
  const { other } = await toTheBrink(cluster);
  for (const node of cluster.nodes) node.cut(true);
  await cluster.pass(10 * MINUTE);
  expect([cluster.posts, cluster.keepers]).toEqual([[], []]);
  for (const node of cluster.nodes) node.cut(false);
  await cluster.pass(10 * MINUTE);
  expect(cluster.shown).toEqual({ [silentPhone]: 1 });
  expect(other.isHostOf(wellPhone)).toBe(true);
});

test('what is stored is wiped: one node keeps the notes again, with what hosts leave anew', async () => {
  const { other } = await toTheBrink(cluster);
  cluster.disk.entries.clear();
  cluster.lease.entry = null;
  await cluster.pass(20 * SECOND);
  expect(cluster.keepers).toHaveLength(1);
  other.left(well, note(wellPhone, { afterSec: 60 }));
  await cluster.pass(2 * MINUTE);
  const before = cluster.posts.length;
  other.went(well);
  await cluster.pass(2 * MINUTE);
  expect(cluster.posts.slice(before)).toMatchObject([{ to: wellPhone }]);
});

test('a bus that loses, delays and doubles: each word is heard once, and in its order', async () => {
  Object.assign(cluster.net.weather, { loss: 0.25, doubling: 0.25, delayMs: () => 300 });
  cluster.random = seeded(7);
  const phones = Array.from({ length: 12 }, () => deviceId());
  const hosts = phones.map(() => channelId());
  for (let round = 0; round < 3; round += 1) {
    for (const [n, channel] of hosts.entries()) {
      const at = cluster.nodes[(n + round) % 3];
      at?.came(channel);
      at?.left(channel, note(phones[n], { afterSec: 90 }));
      if (n % 3 === 1) at?.host(channel).drop();
    }
    await cluster.pass(30 * SECOND);
    for (const [n, channel] of hosts.entries()) cluster.nodes[(n + round) % 3]?.went(channel);
    await cluster.pass(5 * SECOND);
  }
  await cluster.pass(5 * MINUTE);
  const wanted = phones.filter((_, n) => n % 3 !== 1);
  expect(cluster.shown).toEqual(Object.fromEntries(wanted.map((each) => [each, 1])));
});

test('what a push service puts off is tried again by the next keeper, under the same topic', async () => {
  cluster.answer = async () => await Promise.resolve(answered(503));
  const { keeper, other } = await toTheBrink(cluster);
  await cluster.pass(30 * SECOND);
  expect(cluster.posts.length).toBeGreaterThan(1);
  keeper.kill();
  await moves(cluster, other);
  cluster.answer = async () => await Promise.resolve(answered(201));
  const before = cluster.posts.length;
  await cluster.pass(HOUR);
  expect([cluster.posts.length - before, Object.keys(cluster.shown)]).toEqual([1, [silentPhone]]);
});

test('a clock that one keeper had wrong is put right by the next, little by little', async () => {
  cluster = await NotesCluster.settled([30 * SECOND, 0, 0]);
  const [wrong] = cluster.nodes;
  for (const node of cluster.others) {
    // Until it is the one with the wrong clock.
    if (cluster.keeper === wrong) break;
    cluster.keeper.kill();
    await cluster.pass(20 * SECOND);
    expect(node.isRunning || cluster.keepers.length === 1).toBe(true);
  }
  wrong?.kill();
  const right = cluster.join();
  await cluster.pass(30 * MINUTE);
  right.came(silent);
  right.left(silent, note(silentPhone, { afterSec: 60 }));
  right.went(silent);
  await cluster.pass(3 * MINUTE);
  right.came(silent);
  await cluster.pass(5 * SECOND);
  const [told] = cluster.told;
  const at = told?.type === 'notesFired' ? Date.parse(told.fired[0]?.at ?? '') : 0;
  const posted = Date.parse('2026-11-21T14:00:00.000Z') + (cluster.posts[0]?.atSec ?? 0) * SECOND;
  expect(Math.abs(at - posted)).toBeLessThan(3 * SECOND);
});

test('clocks that are days apart neither forget a note nor bring it forward, whoever keeps it', async () => {
  const DAY = 24 * HOUR;
  for (const clocks of [
    [0, 3 * DAY, 3 * DAY],
    [0, -3 * DAY, -3 * DAY],
    [0, HOUR, -HOUR],
  ]) {
    cluster = await NotesCluster.settled(clocks);
    const { keeper, other } = await toTheBrink(cluster);
    keeper.kill();
    await moves(cluster, other);
    await cluster.pass(85 * SECOND);
    expect(cluster.posts).toEqual([]);
    await cluster.pass(10 * MINUTE);
    expect(cluster.shown).toEqual({ [silentPhone]: 1 });
  }
});
