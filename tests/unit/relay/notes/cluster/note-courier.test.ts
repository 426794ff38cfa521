import { describe, expect, test } from 'vitest';
import type { RelayMessage } from '../../../../../src/protocol/relay.ts';
import type { NodeId } from '../../../../../src/relay/cluster/peers.ts';
import { ForwardedHost } from '../../../../../src/relay/notes/forwarded-host.ts';
import { NoteCourier } from '../../../../../src/relay/notes/note-courier.ts';
import {
  encode,
  readTelling,
  type Answer,
  type Telling,
} from '../../../../../src/relay/notes/note-words.ts';
import { RelayClock } from '../../../../support/relay-clock.ts';
import { channelId, deviceId, note, revocations, SECOND } from '../../../../support/relay-notes.ts';

const self = 'n'.repeat(16) as NodeId;
const silences = { minSec: 60, maxSec: 82_800 };

class Stage {
  readonly clock = new RelayClock();
  readonly tellings: Telling[] = [];
  readonly told: RelayMessage[] = [];
  /** null: nobody keeps notes. */
  answer: (telling: Telling) => Answer | null = () => null;
  readonly courier = new NoteCourier({
    self,
    clock: this.clock,
    ask: async (telling) => {
      this.tellings.push(telling);
      return await Promise.resolve(this.answer(telling));
    },
  });

  came(): ForwardedHost {
    const host = new ForwardedHost(channelId(), silences, this.courier);
    host.came((message) => this.told.push(message), revocations([]));
    return host;
  }

  async pass(sec: number): Promise<void> {
    for (let n = 0; n < sec; n += 1) {
      this.clock.pass(SECOND);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  says(): unknown[] {
    return this.tellings.map(({ n, spoken }) => [n, spoken.map((each) => each?.word.say)]);
  }
}

const heard =
  (kept: (n: number) => number) =>
  ({ link, n }: Telling): Answer => ({
    ...{ v: 1, kind: 'heard', link, n, kept: kept(n), more: false, tell: [] },
  });

describe('what a node tells the one that keeps the notes', () => {
  test('is said again unchanged until it is answered, and forgotten when it is kept', async () => {
    const stage = new Stage();
    const host = stage.came();
    await stage.pass(1);
    host.leave([note()], 0, revocations([]));
    await stage.pass(2);
    expect(stage.says()).toEqual([
      [1, ['came']],
      [1, ['came']],
      [1, ['came']],
    ]);
    stage.answer = heard((n) => n - 1);
    await stage.pass(3);
    expect([stage.says().slice(3), stage.courier.waiting]).toEqual([
      [
        [1, ['came']],
        [2, ['leave']],
        [3, []],
      ],
      0,
    ]);
  });

  test('begins with who is here and goes on with what was not kept, when it is another one', async () => {
    const stage = new Stage();
    stage.answer = heard(() => 0);
    const [here, gone] = [stage.came(), stage.came()];
    await stage.pass(1);
    here.slept();
    gone.went();
    await stage.pass(1);
    const { link } = stage.tellings.at(-1) ?? { link: '' };
    stage.answer = (telling) =>
      telling.link === link ? { v: 1, kind: 'unknown', link } : heard((n) => n)(telling);
    await stage.pass(2);
    expect(stage.says().slice(-1)).toEqual([
      [1, ['came', 'slept', 'came', 'came', 'slept', 'went']],
    ]);
    expect(stage.courier.waiting).toBe(0);
  });

  test('is bounded: what is too much is given up, and its hosts hear that their notes are not kept', async () => {
    const stage = new Stage();
    const host = stage.came();
    const device = deviceId();
    const many = Array.from({ length: 40 }, () => note(device, { body: 'x'.repeat(5_400) }));
    for (let n = 0; n < 160; n += 1) host.leave(many, 0, revocations([]));
    expect(stage.told).toEqual(
      expect.arrayContaining([
        {
          type: 'notesRefused',
          devices: many.map(() => device),
          message: 'The part of this relay that keeps notes cannot be reached now.',
        },
      ]),
    );
    expect(stage.courier.waiting).toBeLessThan(160);
    stage.answer = heard((n) => n);
    await stage.pass(60);
    expect(stage.tellings.find(({ n }) => n === 1)?.spoken[0]?.word.say).toBe('came');
    expect(stage.courier.waiting).toBe(0);
    for (const telling of stage.tellings) expect(encode(telling).length).toBeLessThan(1024 * 1024);
  });

  test('is bounded by what one host says: the words of the others are not given up for it', async () => {
    const stage = new Stage();
    const [quiet, loud] = [stage.came(), stage.came()];
    const device = deviceId();
    quiet.drop([device]);
    quiet.revoke(revocations([device]));
    const many = Array.from({ length: 40 }, () => note(device, { body: 'x'.repeat(5_400) }));
    for (let n = 0; n < 160; n += 1) loud.leave(many, 0, revocations([]));
    expect(stage.told.length).toBeGreaterThan(0);
    stage.answer = heard((n) => n);
    await stage.pass(60);
    const spoken = stage.tellings.flatMap((telling) => telling.spoken);
    const ofQuiet = spoken.filter((each) => each?.channel === quiet.channel);
    expect(ofQuiet.map((each) => each?.word.say)).toEqual(['came', 'came', 'drop', 'revoke']);
    expect(stage.courier.waiting).toBe(0);
  });

  test('is kept before the node ends, as far as that can be in time', async () => {
    const stage = new Stage();
    const host = stage.came();
    host.went();
    let isOver = false;
    const closed = stage.courier.close(SECOND).then(() => (isOver = true));
    await stage.pass(1);
    await closed;
    expect([isOver, stage.courier.waiting]).toEqual([true, 2]);
    const other = new Stage();
    other.answer = heard((n) => n);
    other.came().went();
    const ended = other.courier.close(60 * SECOND);
    await other.pass(1);
    await ended;
    expect(other.says()).toEqual([[1, ['came', 'went']]]);
  });
});

test('a word of a newer node is passed over, and the others of the telling are heard', () => {
  const base = { v: 1, node: self, link: 'l'.repeat(16), n: 1 };
  const went = { channel: channelId(), agoMs: 5, word: { say: 'went' } };
  const strange = { channel: channelId(), agoMs: 5, word: { say: 'dreamt' } };
  const read = (message: unknown) => readTelling(Buffer.from(JSON.stringify(message)));
  expect(read({ ...base, spoken: [strange, went] })?.spoken).toEqual([null, went]);
  expect([read({ ...base, v: 2, spoken: [] }), readTelling(Buffer.from('{'))]).toEqual([
    null,
    null,
  ]);
});
