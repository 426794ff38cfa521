import { beforeEach, describe, expect, test } from 'vitest';
import {
  answered,
  channelId,
  deviceId,
  HOUR,
  MINUTE,
  note,
  NotesStage,
  SECOND,
} from '../../../support/relay-notes.ts';

let stage: NotesStage;
const host = channelId();
const phone = deviceId();
beforeEach(async () => {
  stage = await NotesStage.settled();
});

const times = () => stage.times();

describe('the relay is killed', () => {
  test('with a note waiting: the silence goes on where it was, with time to come back', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    await stage.store.durable();
    await stage.pass(100 * SECOND);
    await stage.restart(150 * SECOND);
    await stage.pass(HOUR);
    // 250 s are over, and 90 more at least.
    expect(times()).toEqual([340]);
  });

  test('again and again, every minute: it does not keep a note back for ever', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    await stage.store.durable();
    for (let n = 0; n < 20; n += 1) {
      await stage.pass(95 * SECOND);
      await stage.restart();
    }
    expect(times()).toHaveLength(1);
  });

  test('while its host was here: the silence is counted from the restart', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    await stage.store.durable();
    await stage.restart(10 * MINUTE);
    await stage.pass(299 * SECOND);
    expect(times()).toEqual([]);
    await stage.pass(2 * SECOND);
    expect(times()).toEqual([900]);
  });

  test('a host that comes back within the time after a restart is not spoken for', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    await stage.store.durable();
    await stage.restart(HOUR);
    await stage.pass(89 * SECOND);
    stage.came(host);
    await stage.pass(HOUR);
    expect([times(), stage.told]).toEqual([[], []]);
  });

  test('before it was written that it is sent: it is sent once', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    await stage.store.durable();
    stage.host(host).went();
    await stage.store.durable();
    stage.store.beforeWrite = async () => await new Promise(() => {});
    await stage.pass(300 * SECOND);
    expect(times()).toEqual([]);
    await stage.restart();
    await stage.pass(HOUR);
    expect(times()).toEqual([390]);
  });

  test('after it was written and before an answer: it is sent again under the same topic', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    stage.answer = async () => await new Promise(() => {});
    await stage.pass(300 * SECOND);
    expect(times()).toEqual([300]);
    stage.answer = async () => await Promise.resolve(answered(201));
    await stage.restart();
    await stage.pass(HOUR);
    expect(times()).toEqual([300, 390]);
    expect(stage.requests[0]).toEqual(stage.requests[1]);
  });

  test('after it was sent and before that was written: it is sent again, and told once', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    await stage.pass(299 * SECOND);
    stage.answer = async () => {
      stage.store.beforeWrite = async () => await new Promise(() => {});
      return await Promise.resolve(answered(201));
    };
    await stage.pass(SECOND);
    expect(times()).toEqual([300]);
    await stage.restart();
    await stage.pass(HOUR);
    expect(times()).toEqual([300, 390]);
    stage.came(host);
    expect(stage.told).toMatchObject([
      { type: 'notesFired', fired: [{ device: phone, status: 201 }] },
    ]);
  });

  test('after all was written: nothing more is sent, and the host is told', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    await stage.pass(310 * SECOND);
    await stage.restart();
    await stage.pass(HOUR);
    stage.came(host);
    expect([times(), stage.told.length]).toEqual([[300], 1]);
  });

  test('over a note on its way whose host comes first: it is told that it may have arrived', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    stage.answer = async () => await new Promise(() => {});
    await stage.pass(300 * SECOND);
    await stage.restart();
    stage.came(host);
    await stage.pass(HOUR);
    expect(times()).toEqual([300]);
    expect(stage.told).toEqual([
      {
        type: 'notesFired',
        fired: [{ device: phone, at: '2026-11-21T14:06:40.000Z', status: null }],
      },
    ]);
  });

  test('and its disk takes nothing: the note is sent all the same', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    stage.store.beforeWrite = async () => {
      await Promise.resolve();
      throw new Error('no space left');
    };
    await stage.pass(HOUR);
    expect(times()).toEqual([300]);
    expect(stage.book?.counts.storeFailures).toBeGreaterThan(0);
  });
});

describe('clocks', () => {
  test('the wall clock that is set a day ahead or back, while it runs, sends nothing early or never', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    await stage.pass(10 * SECOND);
    stage.wallMs += 24 * HOUR;
    await stage.pass(10 * SECOND);
    stage.wallMs -= 48 * HOUR;
    await stage.pass(279 * SECOND);
    expect(times()).toEqual([]);
    await stage.pass(SECOND);
    expect(times()).toEqual([300]);
  });

  test('the wall clock that was set while the relay was away gives hosts time, and does not forget', async () => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    await stage.store.durable();
    stage.wallMs += 6 * HOUR;
    await stage.restart();
    await stage.pass(89 * SECOND);
    expect(times()).toEqual([]);
    await stage.pass(10 * SECOND);
    expect(times()).toEqual([90]);
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
    await stage.store.durable();
    stage.wallMs -= 6 * HOUR;
    await stage.restart();
    await stage.pass(299 * SECOND);
    expect(times()).toHaveLength(1);
    await stage.pass(10 * SECOND);
    expect(times()).toHaveLength(2);
  });

  test('a relay that stood still, or whose machine slept, lets everybody come back first', async () => {
    const others = Array.from({ length: 20 }, () => channelId());
    for (const each of [host, ...others]) {
      stage.came(each);
      stage.left(each, note());
      stage.host(each).went();
    }
    await stage.pass(100 * SECOND);
    // Stopped for ten minutes: its own clock goes on.
    stage.clock.jump(10 * MINUTE);
    stage.wallMs += 10 * MINUTE;
    await stage.pass(80 * SECOND);
    expect(times()).toEqual([]);
    for (const each of others) stage.came(each);
    await stage.pass(HOUR);
    expect(times()).toHaveLength(1);
    // Asleep: its own clock stood still.
    for (const each of others) stage.host(each).went();
    await stage.pass(250 * SECOND);
    stage.wallMs += HOUR;
    await stage.pass(85 * SECOND);
    for (const each of others) stage.came(each);
    await stage.pass(HOUR);
    expect(times()).toHaveLength(1);
  });
});
