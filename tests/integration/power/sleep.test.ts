import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import type { DeviceKeys } from '../../../src/connection/device/ports.ts';
import type { HostNotice } from '../../../src/connection/host-client.ts';
import { enrol } from '../../support/enrolled-device.ts';
import { HeadlessDevice } from '../../support/headless-device.ts';
import { relayProgram, type RelayUnderTest } from '../../support/relay-under-test.ts';
import { dist, eventually, HostUnderTest } from '../support/host-under-test.ts';

const demo = {
  agents: { demo: { command: process.execPath, args: [join(dist, 'demo-agent', 'main.js')] } },
};

let host: HostUnderTest;
let relay: RelayUnderTest;
const devices: HeadlessDevice[] = [];
beforeEach(async () => {
  host = new HostUnderTest(demo);
  relay = await relayProgram();
});
afterEach(async () => {
  for (const device of devices.splice(0)) device.stop();
  await host.stop();
  await relay.stop();
}, 30_000);

function enrolled(name: string): DeviceKeys {
  return enrol(host.home, { name, role: 'operator', via: relay.url, relay: relay.url }).keys;
}
/** With what it was told, oldest first. */
async function phone(keys: DeviceKeys) {
  const device = new HeadlessDevice(keys);
  devices.push(device);
  const told: HostNotice['name'][] = [];
  device.surface.notices.on(({ name }) => told.push(name));
  await device.start();
  return { device, told };
}
const ofMachine = (events: readonly SessionEvent[]) =>
  events.map(({ type }) => type).filter((type) => type === 'machine.sleeping' || type === 'notice');

test('a phone is told before the sleep, one that comes later by the relay; after waking both are back within 5 s', async () => {
  const [first, second] = [enrolled('Pixel 9'), enrolled('Tablet')];
  await host.connect();
  const { device, told } = await phone(first);
  await device.up();
  const sessionId = await host.start('demo', 'SCRIPT:hang');
  await host.until(sessionId, ({ state }) => state === 'working');
  device.follow(sessionId);

  const since = Date.now();
  await host.client.call('power.machine', { event: 'suspend' });
  const tookMs = Date.now() - since;
  // Told by the host itself, before the relay said that it is gone.
  expect(told.filter((name) => name.startsWith('host.'))).toEqual(['host.sleeping']);
  expect(tookMs).toBeLessThan(3_000);
  const { facts } = device.link.watch;
  expect(facts.host).toMatchObject({ asleepSaidBy: 'host' });
  expect(Math.abs((facts.host.asleepSinceMs ?? 0) - since)).toBeLessThan(3_000);
  await device.until(() => (device.surface.state.kind === 'away' ? true : null));

  const later = await phone(second);
  await later.device.until(() => later.device.link.watch.facts.host.asleepSinceMs);
  expect(later.device.link.watch.facts).toMatchObject({
    relay: { up: true },
    host: { here: false, asleepSinceMs: facts.host.asleepSinceMs, asleepSaidBy: 'relay' },
  });

  const wokeAt = Date.now();
  await host.client.call('power.machine', { event: 'resume' });
  await Promise.all([device.up(5_000), later.device.up(5_000)]);
  expect(Date.now() - wokeAt).toBeLessThan(5_000);
  for (const each of [device, later.device])
    expect(each.link.watch.facts.host).toMatchObject({
      ...{ here: true, asleepSinceMs: null, asleepSaidBy: null },
    });
  // This machine did not really sleep, and says so.
  const events = await host.events(sessionId);
  expect(ofMachine(events)).toEqual(['machine.sleeping', 'notice']);
  await device.caughtUp(sessionId, events.at(-1)?.seq ?? 0);
}, 60_000);

test('a host that is killed in its sleep says at its next start what is known of it', async () => {
  const keys = enrolled('Pixel 9');
  await host.connect();
  const { device } = await phone(keys);
  await device.up();
  const sessionId = await host.start('demo', 'SCRIPT:hang');
  await host.until(sessionId, ({ state }) => state === 'working');
  await host.client.call('power.machine', { event: 'suspend' });
  const { pid } = await host.client.call('host.status', {});
  process.kill(pid, 'SIGKILL');
  await eventually(async () => await host.connect().catch(() => null));
  await device.up(10_000);
  expect(ofMachine(await host.events(sessionId))).toEqual(['machine.sleeping', 'notice']);
  expect(device.link.watch.facts.host.asleepSinceMs).toBeNull();
}, 60_000);
