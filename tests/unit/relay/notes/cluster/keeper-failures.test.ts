import { beforeEach, describe, expect, test } from 'vitest';
import {
  first,
  moves,
  moving,
  movingPhone,
  silentPhone,
  toTheBrink,
  well,
  wellPhone,
} from '../../../../support/notes-brink.ts';
import { NotesCluster } from '../../../../support/notes-cluster.ts';
import { HOUR, MINUTE, note, SECOND } from '../../../../support/relay-notes.ts';

let cluster: NotesCluster;
beforeEach(async () => {
  cluster = await NotesCluster.settled();
});

const times = () => cluster.posts.map(({ atSec }) => atSec - 100);

describe('the keeping node', () => {
  test('is killed before it could write what it was told: the next one is told it too', async () => {
    const { keeper } = cluster;
    const other = first(cluster.others);
    other.came(well);
    await cluster.pass(5 * SECOND);
    cluster.onStep = (node, step) => {
      if (node === keeper && step === 'write') throw new Error('no quorum');
    };
    other.left(well, note(wellPhone));
    other.went(well);
    await cluster.pass(3 * SECOND);
    keeper.kill();
    await cluster.pass(HOUR);
    expect(times().map((sec) => Math.abs(sec - 305) <= 3)).toEqual([true]);
  });

  test('is cut off from the others: another goes on, and it sends nothing itself', async () => {
    const { keeper, other } = await toTheBrink(cluster);
    keeper.cut(true);
    await moves(cluster, other);
    await cluster.pass(4 * MINUTE);
    expect(cluster.shown).toEqual({ [silentPhone]: 1 });
    keeper.cut(false);
    await cluster.pass(HOUR);
    expect([cluster.shown, cluster.keepers.length]).toEqual([{ [silentPhone]: 1 }, 1]);
  });

  test('can write and not hear: it gives up for lack of its lease, however long it lasts', async () => {
    const { keeper } = await toTheBrink(cluster);
    cluster.onStep = (node, step) => {
      if (node === keeper && step === 'lease') throw new Error('no answer');
    };
    await cluster.pass(12 * SECOND);
    expect([keeper.notes.isKeeper, cluster.keepers.length]).toEqual([false, 1]);
    cluster.onStep = () => {};
  });

  test('does not hear that its renewals were written: it goes on with the lease', async () => {
    const { keeper } = cluster;
    let lost = 0;
    cluster.onStep = (node, step) => {
      if (node !== keeper || step !== 'leaseDone') return;
      lost += 1;
      if (lost % 2 === 1) throw new Error('no answer');
    };
    await cluster.pass(5 * MINUTE);
    expect([cluster.keeper === keeper, lost > 50]).toEqual([true, true]);
  });

  test('goes on with its lease when the store answers nobody for some seconds', async () => {
    const { keeper } = cluster;
    let sinceMs: number | null = null;
    cluster.onStep = (node, step) => {
      if (node !== keeper) return;
      if (step === 'leaseDone') sinceMs ??= cluster.clock.nowMs();
      const isAway = sinceMs !== null && cluster.clock.nowMs() < sinceMs + 6_500;
      if (step === 'lease' && isAway) throw new Error('no leader');
    };
    await cluster.passUntil(() => !keeper.notes.isKeeper, 30 * SECOND);
    expect([sinceMs !== null, keeper.notes.isKeeper]).toEqual([true, true]);
  });

  test('ends in good order: the next one goes on within seconds', async () => {
    const { keeper, other } = await toTheBrink(cluster);
    keeper.went(moving);
    const closed = keeper.notes.close();
    await cluster.pass(2 * SECOND);
    await closed;
    keeper.kill();
    await cluster.pass(4 * SECOND);
    expect(cluster.keepers).toHaveLength(1);
    await moves(cluster, other);
    await cluster.pass(10 * MINUTE);
    expect(cluster.shown).toEqual({ [silentPhone]: 1 });
  });

  test('is killed over and over: no alarm for a host that is well, none lost for one that is not', async () => {
    await toTheBrink(cluster);
    for (let n = 0; n < 6; n += 1) {
      cluster.keeper.kill();
      const next = cluster.join();
      if (!cluster.nodes.some((node) => node.isRunning && node.isHostOf(movingPhone)))
        await moves(cluster, next);
      if (!cluster.nodes.some((node) => node.isRunning && node.isHostOf(wellPhone))) {
        next.came(well);
        next.left(well, note(wellPhone, { afterSec: 60 }));
      }
      await cluster.pass(60 * SECOND);
    }
    await cluster.pass(3 * MINUTE);
    expect(cluster.shown).toEqual({ [silentPhone]: 1 });
  });
});
