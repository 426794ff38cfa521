import { beforeEach, describe, expect, test } from 'vitest';
import { NotesCluster } from '../../../../support/notes-cluster.ts';
import {
  channelId,
  deviceId,
  HOUR,
  MINUTE,
  note,
  SECOND,
} from '../../../../support/relay-notes.ts';

let cluster: NotesCluster;
const host = channelId();
const phone = deviceId();
beforeEach(async () => {
  cluster = await NotesCluster.settled();
});

/** Seconds after the beginning at which each was posted. */
const times = () => cluster.posts.map(({ atSec }) => atSec - 100);

test('one node of three keeps the notes', () => {
  expect(cluster.keepers).toHaveLength(1);
});

describe.each(['the keeping node', 'another node'])('a host at %s', (where) => {
  const node = () => {
    const [other] = cluster.others;
    if (other === undefined) throw new Error('alone');
    return where === 'another node' ? other : cluster.keeper;
  };

  test('is spoken for once, when it has been gone for as long as its note says', async () => {
    const at = node();
    at.came(host);
    at.left(host, note(phone));
    await cluster.pass(10 * MINUTE);
    expect(times()).toEqual([]);
    at.went(host);
    await cluster.pass(298 * SECOND);
    expect(times()).toEqual([]);
    await cluster.pass(HOUR);
    expect(times().map((sec) => Math.abs(sec - 900) <= 2)).toEqual([true]);
  });

  test('that moves to each other node in turn is never silent', async () => {
    const brief = note(phone, { afterSec: 60 });
    node().came(host);
    node().left(host, brief);
    for (let n = 0; n < 20; n += 1) {
      const from = cluster.nodes.find((one) => one.isHostOf(phone));
      const to = cluster.nodes[(cluster.nodes.indexOf(from ?? node()) + 1) % 3];
      to?.came(host);
      to?.left(host, brief);
      await cluster.pass(n % 2 === 0 ? 0 : SECOND);
      from?.went(host);
      await cluster.pass(65 * SECOND);
    }
    expect(times()).toEqual([]);
  });

  test('that came back is told what was sent for it, until it has heard that', async () => {
    const at = node();
    at.came(host);
    at.left(host, note(phone));
    at.went(host);
    await cluster.pass(6 * MINUTE);
    const next = cluster.nodes.find((one) => one !== at) ?? at;
    next.came(host);
    await cluster.pass(5 * SECOND);
    expect(cluster.told).toMatchObject([
      { type: 'notesFired', fired: [{ device: phone, status: 201 }] },
    ]);
    const [told] = cluster.told;
    if (told?.type === 'notesFired') next.host(host).heard(told.fired);
    next.went(host);
    await cluster.pass(SECOND);
    at.came(host);
    await cluster.pass(5 * SECOND);
    expect(cluster.told).toHaveLength(1);
  });

  test('that sleeps, takes its notes back, or has revoked the device, is not spoken for', async () => {
    const [asleep, idle, revoking] = [channelId(), channelId(), channelId()];
    const at = node();
    for (const each of [asleep, idle, revoking]) {
      at.came(each);
      at.left(each, note(phone));
    }
    at.host(asleep).slept();
    at.host(idle).drop();
    at.went(asleep);
    at.went(idle);
    at.went(revoking);
    at.came(revoking, [phone]);
    at.went(revoking);
    await cluster.pass(HOUR);
    expect(times()).toEqual([]);
  });

  test('is told why a note is not kept', async () => {
    node().came(host);
    node().left(host, note(phone, { afterSec: 59 }));
    await cluster.pass(5 * SECOND);
    expect(cluster.told).toEqual([
      {
        type: 'notesRefused',
        devices: [phone],
        message: 'This relay keeps notes for silences of 60 to 82800 s, not of 59 s.',
      },
    ]);
  });
});
