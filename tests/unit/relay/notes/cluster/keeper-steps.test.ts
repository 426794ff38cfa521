import { beforeEach, describe, expect, test } from 'vitest';
import {
  moves,
  movingPhone,
  silent,
  silentPhone,
  toTheBrink,
  wellPhone,
} from '../../../../support/notes-brink.ts';
import { NotesCluster } from '../../../../support/notes-cluster.ts';
import { MINUTE, SECOND } from '../../../../support/relay-notes.ts';

let cluster: NotesCluster;
beforeEach(async () => {
  cluster = await NotesCluster.settled();
});

/** Counts what the keeper does from the brink on until all is over, as long as nothing happens to it. */
async function stepsOfOne(): Promise<number> {
  const { keeper } = await toTheBrink(cluster);
  let steps = 0;
  cluster.onStep = (node) => {
    if (node === keeper) steps += 1;
  };
  await cluster.pass(20 * SECOND);
  expect(cluster.shown).toEqual({ [silentPhone]: 1 });
  return steps;
}
describe('the keeping node, at each step that it takes,', () => {
  test('is killed at any step: the silent host is spoken for, the others never are', async () => {
    const steps = await stepsOfOne();
    expect(steps).toBeGreaterThan(12);
    for (let step = 1; step <= steps; step += 1) {
      cluster = await NotesCluster.settled();
      const { keeper, other } = await toTheBrink(cluster);
      let left = step;
      cluster.onStep = (node) => {
        if (node !== keeper) return;
        left -= 1;
        if (left === 0) keeper.kill();
      };
      await cluster.passUntil(() => !keeper.isRunning, MINUTE);
      await moves(cluster, other);
      await cluster.pass(4 * MINUTE);
      expect([step, Object.keys(cluster.shown), cluster.keepers.length]).toEqual([
        step,
        [silentPhone],
        1,
      ]);
      // Once, or a second time under the same topic where it was killed between the two.
      expect([step, (cluster.shown[silentPhone] ?? 0) <= 2]).toEqual([step, true]);
      expect(cluster.posts.filter(({ isFalse }) => isFalse)).toEqual([]);
    }
  });

  test('is stopped at any step for longer than its lease, and goes on: none for a host that is back', async () => {
    const steps = await stepsOfOne();
    for (let step = 1; step <= steps; step += 1) {
      cluster = await NotesCluster.settled();
      const { keeper, other } = await toTheBrink(cluster);
      let left = step;
      let wasPosting = false;
      cluster.onStep = (node, what) => {
        if (node !== keeper) return;
        left -= 1;
        if (left !== 0) return;
        wasPosting = what === 'post' || what === 'posted';
        keeper.stop();
      };
      await cluster.passUntil(() => !keeper.isRunning, MINUTE);
      cluster.onStep = () => {};
      await moves(cluster, other);
      await cluster.pass(30 * SECOND);
      // Back, while the one that was stopped still takes it for silent.
      const before = cluster.posts.length;
      other.came(silent);
      await cluster.pass(10 * SECOND);
      keeper.goOn();
      await cluster.pass(3 * MINUTE);
      // What had been handed to the network when it was stopped nobody calls back.
      expect([step, cluster.posts.length - before]).toEqual([
        step,
        wasPosting ? cluster.posts.length - before : 0,
      ]);
      expect([
        step,
        cluster.keepers.length,
        cluster.shown[wellPhone],
        cluster.shown[movingPhone],
      ]).toEqual([step, 1, undefined, undefined]);
    }
  });

  test('is frozen with its clocks, and takes the lease for its own: it asks first, and sends nothing', async () => {
    const steps = await stepsOfOne();
    for (let step = 1; step <= steps; step += 1) {
      cluster = await NotesCluster.settled();
      const { keeper, other } = await toTheBrink(cluster);
      let left = step;
      let wasConfirmed = false;
      cluster.onStep = (node, what) => {
        if (node !== keeper) return;
        left -= 1;
        if (left !== 0) return;
        wasConfirmed = what === 'leaseDone' || what === 'post' || what === 'posted';
        keeper.stop();
      };
      await cluster.passUntil(() => !keeper.isRunning, MINUTE);
      cluster.onStep = () => {};
      await moves(cluster, other);
      await cluster.pass(30 * SECOND);
      const before = cluster.posts.length;
      other.came(silent);
      await cluster.pass(10 * SECOND);
      keeper.goOn({ unaware: true });
      await cluster.pass(3 * MINUTE);
      // Frozen between the store's word and the sending: nobody can tell.
      if (!wasConfirmed) expect([step, cluster.posts.length - before]).toEqual([step, 0]);
      expect([step, cluster.keepers.length]).toEqual([step, 1]);
    }
  });
});
