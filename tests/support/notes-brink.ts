import { expect } from 'vitest';
import type { NotesCluster, NotesNode } from './notes-cluster.ts';
import { channelId, deviceId, note, SECOND } from './relay-notes.ts';

/** One whose line is at a node that lives, one that is silent, one at the node that keeps the notes. */
export const [well, silent, moving] = [channelId(), channelId(), channelId()];
export const [wellPhone, silentPhone, movingPhone] = [deviceId(), deviceId(), deviceId()];

export function first(nodes: readonly NotesNode[]): NotesNode {
  const [node] = nodes;
  if (node === undefined) throw new Error('no such node');
  return node;
}

/** All three hosts are here, then one falls silent; so long that its note is due soon. */
export async function toTheBrink(
  cluster: NotesCluster,
): Promise<{ keeper: NotesNode; other: NotesNode }> {
  const { keeper } = cluster;
  const other = first(cluster.others);
  other.came(well);
  other.left(well, note(wellPhone, { afterSec: 60 }));
  other.came(silent);
  other.left(silent, note(silentPhone));
  keeper.came(moving);
  keeper.left(moving, note(movingPhone, { afterSec: 60 }));
  await cluster.pass(5 * SECOND);
  other.went(silent);
  await cluster.pass(290 * SECOND);
  expect(cluster.posts).toEqual([]);
  return { keeper, other };
}

/** As a host does whose node died: within seconds it is at another one. */
export async function moves(cluster: NotesCluster, to: NotesNode): Promise<void> {
  await cluster.pass(2 * SECOND);
  to.came(moving);
  to.left(moving, note(movingPhone, { afterSec: 60 }));
}
