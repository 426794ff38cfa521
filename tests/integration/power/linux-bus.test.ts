import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemTimers, type Timers } from '../../../src/connection/timers.ts';
import { type Bus, BusFailure } from '../../../src/holder/linux/bus.ts';
import { DbusBus } from '../../../src/holder/linux/dbus-bus.ts';
import { GNOME_SESSION, mockGnomeSession } from '../../support/dbusmock.ts';
import { TestBuses } from '../../support/test-bus.ts';

const DAEMON = {
  name: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  iface: 'org.freedesktop.DBus',
};
/** Deadlines and pauses a tenth as long. */
const hasty: Timers = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => systemTimers.after(delayMs / 10, run),
};

let buses: TestBuses;
const made: DbusBus[] = [];
beforeEach(async () => {
  buses = await TestBuses.start();
});
afterEach(async () => {
  for (const bus of made.splice(0)) bus.close();
  buses.stopBus('session', 'SIGCONT');
  await buses.stop();
});

function busAt(address: string | null = buses.env.DBUS_SESSION_BUS_ADDRESS): DbusBus {
  const bus = new DbusBus(address, 'The bus', hasty);
  made.push(bus);
  return bus;
}

async function codeOf(asked: Promise<unknown>): Promise<string | null | undefined> {
  const error: unknown = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return undefined;
  expect(error).toBeInstanceOf(BusFailure);
  return error instanceof BusFailure ? error.code : null;
}

const id = async (bus: Bus): Promise<unknown> => (await bus.call(DAEMON, 'GetId'))[0];

/** How the connection went, as told. */
function story(bus: Bus): { told: boolean[]; until: (count: number) => Promise<void> } {
  const told: boolean[] = [];
  let wake = (): void => {};
  bus.onConnection((isUp) => {
    told.push(isUp);
    wake();
  });
  return {
    told,
    until: async (count) => {
      while (told.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

test('errors of a service have its code, a service that is not there too', async () => {
  const bus = busAt();
  expect([
    await codeOf(bus.call(DAEMON, 'NoSuchThing')),
    await codeOf(bus.call({ ...DAEMON, name: 'org.example.Nobody' }, 'Hello')),
    await bus.hasOwner('org.example.Nobody'),
  ]).toEqual([
    'org.freedesktop.DBus.Error.UnknownMethod',
    'org.freedesktop.DBus.Error.ServiceUnknown',
    false,
  ]);
});

test.each([
  ['no address', null],
  ['an address without a socket', 'unix:path=/nowhere/at/all'],
  ['an address that is none', 'nonsense'],
  ['an address of a kind that nobody knows', 'launchd:env=X'],
])('with %s every call fails and nothing else happens', async (_name, address) => {
  const bus = busAt(address);
  const told = story(bus).told;
  expect([await codeOf(id(bus)), await codeOf(id(bus)), told]).toEqual([null, null, []]);
});

test('a bus that dies in the middle fails what waits, and is found again when it is back', async () => {
  const bus = busAt();
  await mockGnomeSession(buses);
  const heard: unknown[] = [];
  bus.listen({ sender: DAEMON.name, iface: DAEMON.iface, member: 'NameOwnerChanged' }, (signal) =>
    heard.push(signal.body[0]),
  );
  const { told, until } = story(bus);
  await until(1);
  const before = await id(bus);
  await buses.endBus('session');
  await until(2);
  expect(await codeOf(id(bus))).toBeNull();
  await buses.startBus('session');
  await until(3);
  expect(await id(bus)).not.toBe(before);
  heard.length = 0;
  await mockGnomeSession(buses);
  while (!heard.includes(GNOME_SESSION.name)) await id(bus);
  expect(told).toEqual([true, false, true]);
});

test('a bus that hangs is given up, in the middle and at the start', async () => {
  const bus = busAt();
  const { told, until } = story(bus);
  await id(bus);
  buses.stopBus('session', 'SIGSTOP');
  const fresh = busAt();
  const codes = await Promise.all([codeOf(id(bus)), codeOf(id(bus)), codeOf(id(fresh))]);
  await until(2);
  buses.stopBus('session', 'SIGCONT');
  expect({ codes, told, works: typeof (await id(bus)) }).toEqual({
    codes: [null, null, null],
    told: [true, false, true],
    works: 'string',
  });
});

test('a service that hangs does not cost the connection', async () => {
  const mock = await mockGnomeSession(buses);
  await mock.methods(['Hang', '', '', 'import time; time.sleep(2)']);
  const bus = busAt();
  const { told } = story(bus);
  await id(bus);
  const hung = codeOf(bus.call(GNOME_SESSION, 'Hang'));
  expect([await hung, typeof (await id(bus)), told]).toEqual([null, 'string', [true]]);
});

test.each([
  ['hangs up', ''],
  ['sends what is no message', 'x'.repeat(4_096)],
  // Little endian, a reply, its fields a lie.
  [
    'sends a message that ends in the middle of a word',
    `l\u0002\u0001\u0001\u0004${'\0'.repeat(7)}\u0008\0\0\0${'\u0007'.repeat(64)}`,
  ],
])('a bus that %s costs the call, and nothing more', async (_name, words) => {
  const path = join(buses.folder, 'false');
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('OK 0123456789abcdef0123456789abcdef\r\n');
      socket.once('data', () => (words === '' ? socket.end() : socket.write(words)));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    expect(await codeOf(id(busAt(`unix:path=${path}`)))).toBeNull();
  } finally {
    server.close();
  }
});

test('whoever stops listening is told nothing more, and a closed bus is not there', async () => {
  const bus = busAt();
  const heard: unknown[] = [];
  const rule = { sender: DAEMON.name, iface: DAEMON.iface, member: 'NameOwnerChanged' };
  const stop = bus.listen({ ...rule, arg0: GNOME_SESSION.name }, () => heard.push('first'));
  bus.listen({ ...rule, arg0: 'org.example.Other' }, () => heard.push('other'));
  await id(bus);
  const mock = await mockGnomeSession(buses);
  while (heard.length === 0) await id(bus);
  stop();
  await mock.end();
  while (await bus.hasOwner(GNOME_SESSION.name)) await id(bus);
  expect(heard).toEqual(['first']);
  bus.close();
  expect(await codeOf(id(bus))).toBeNull();
});
