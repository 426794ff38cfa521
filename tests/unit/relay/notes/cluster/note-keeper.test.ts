import { expect, test } from 'vitest';
import type { NodeId } from '../../../../../src/relay/cluster/peers.ts';
import { NoteKeeper } from '../../../../../src/relay/notes/note-keeper.ts';
import type { Word } from '../../../../../src/relay/notes/note-words.ts';
import { channelId, deviceId, MINUTE, note, NotesStage } from '../../../../support/relay-notes.ts';

const nodeId = (name: string): NodeId => name.repeat(16) as NodeId;

test('what a node says late of a host that is at another one takes nothing back that it left there', async () => {
  const stage = await NotesStage.settled();
  const { book, clock } = stage;
  if (book === null) throw new Error('not started');
  const keeper = new NoteKeeper({ book, clock, durable: async () => await Promise.resolve() });
  const [channel, phone] = [channelId(), deviceId()];
  const tell = (node: NodeId, n: number, ...words: readonly Word[]) =>
    keeper.answer({
      ...{ v: 1, node, link: node, n },
      spoken: words.map((word) => ({ channel, agoMs: 0, word })),
    });
  const [before, now] = [nodeId('a'), nodeId('b')];
  tell(now, 1, { say: 'came', epoch: 0, revoked: [] });
  tell(now, 2, { say: 'leave', epoch: 0, notes: [note(phone)] });
  tell(before, 1, { say: 'drop', devices: null }, { say: 'went' });
  tell(now, 3, { say: 'went' });
  await stage.pass(20 * MINUTE);
  keeper.close();
  expect(stage.posts.map(({ to }) => to)).toEqual([phone]);
});
