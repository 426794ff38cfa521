import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCli } from '../../../../src/cli/cli.ts';
import { notifyFindings } from '../../../../src/cli/doctor/notify-checks.ts';
import type { NotifyPlace, SilenceNote } from '../../../../src/protocol/attention.ts';
import type { Device } from '../../../../src/protocol/devices.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';
import { CliBench } from '../run-cli.ts';

let bench: CliBench;
beforeEach(() => (bench = new CliBench()));
afterEach(async () => await bench.down());

const id = deviceIdSchema.parse(Buffer.alloc(16, 1).toString('base64url'));
const device: Device = {
  ...{
    id,
    name: 'Pixel 9',
    role: 'approver',
    pairedAt: '2026-11-20T08:00:00.000Z',
    lastSeenAt: null,
  },
  ...{ online: false, connections: 0, via: 'relay' },
};
const push: NotifyPlace = {
  ...{ place: `device:${id}`, kind: 'push', name: 'Pixel 9', device: id, state: 'on' },
  ...{ lastAt: null, problem: null },
};

/** Check → whether it is well, and what it says. */
async function look(): Promise<Record<string, [boolean, string, string | null]>> {
  const cli = makeCli(bench.surroundings(), {});
  const world = { cli, platform: 'linux' as const, run: () => Promise.reject(new Error('none')) };
  const found = await notifyFindings(world);
  return Object.fromEntries(
    found.map(({ check, finding: { ok, detail, fix } }) => [check, [ok, detail, fix]]),
  );
}

function set(places: NotifyPlace[], note: Partial<SilenceNote>, service: boolean | null): void {
  const state = bench.host.attention.notify;
  bench.host.attention.notify = { ...state, places, note: { ...state.note, ...note } };
  bench.host.handlers['devices.list'] = () => ({ devices: places.length === 0 ? [] : [device] });
  const hello = bench.host.handlers.hello;
  bench.host.handlers.hello = async (params, connection) => {
    const { service: _, ...answer } = await hello(params, connection);
    return service === null
      ? answer
      : { ...answer, service: { installed: service, kind: 'systemd' } };
  };
}

test('nothing is claimed where no host runs', async () => {
  const not = [true, 'not asked, since no host runs', null];
  expect(await look()).toEqual({ notifications: not, 'silence note': not, revival: not });
});

test('all is well', async () => {
  await bench.up();
  set([push], { state: 'left', devices: 1 }, true);
  expect(await look()).toEqual({
    notifications: [true, 'you can be told at Pixel 9', null],
    'silence note': [true, 'left with the relay for 1 device', null],
    revival: [true, 'the service brings the host back, so that devices find it again', null],
  });
});

test('what fails is named with what to do', async () => {
  await bench.up();
  set(
    [{ ...push, state: 'failing', problem: 'fcm.googleapis.com answers 410.' }],
    { state: 'unavailable', why: 'The relay runs on this machine.' },
    false,
  );
  expect(await look()).toEqual({
    notifications: [
      false,
      'Pixel 9: fcm.googleapis.com answers 410.',
      'porchlight notify test; a phone: turn its notifications off and on in its page',
    ],
    'silence note': [
      false,
      'should this machine fall silent, nobody tells you: The relay runs on this machine.',
      'A relay on another machine that keeps notes: docs/relay.md',
    ],
    revival: [
      false,
      '1 device is paired, and after a reboot nothing brings this host back: a phone cannot',
      'porchlight service install',
    ],
  });
});

test('a phone that its push service has forgotten is told of; a desktop without its tray app is no finding', async () => {
  await bench.up();
  const problem = 'fcm.googleapis.com says that this device is not subscribed any more (410).';
  const desktop: NotifyPlace = {
    ...{ place: 'desktop', kind: 'desktop', name: 'This computer', state: 'off', lastAt: null },
    problem: 'The tray app is not running.',
  };
  set([{ ...push, state: 'off', problem }, desktop], {}, true);
  expect((await look()).notifications?.slice(0, 2)).toEqual([false, `Pixel 9: ${problem}`]);
});

test('where nobody is told by push, a note that cannot be left is no finding', async () => {
  await bench.up();
  set([], { state: 'unavailable', why: 'The relay runs on this machine.' }, null);
  const found = await look();
  expect([found.notifications?.[0], found['silence note']?.[0], found.revival]).toEqual([
    true,
    true,
    [true, 'no device is paired', null],
  ]);
});

test('the shape of a channel is seen without asking it', async () => {
  const channels = {
    ntfy: { url: 'http://192.168.1.5:8080', topic: 'a' },
    allowHosts: ['192.168.1.6'],
  };
  writeFileSync(bench.home.config, JSON.stringify({ notify: channels }));
  expect((await look()).notifications).toEqual([
    false,
    'ntfy: the address at 192.168.1.5:8080 is not https, and not allowed so',
    'porchlight notify allow 192.168.1.5:8080',
  ]);
});
