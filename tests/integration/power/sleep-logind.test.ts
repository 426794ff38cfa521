import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostNotice } from '../../../src/connection/host-client.ts';
import type { LidReport } from '../../../src/protocol/power.ts';
import {
  mockLogind,
  mockUpower,
  prepareForSleep,
  setBattery,
  setLid,
  whyNoDbusmock,
  type Mock,
} from '../../support/dbusmock.ts';
import { enrol } from '../../support/enrolled-device.ts';
import { HeadlessDevice } from '../../support/headless-device.ts';
import { relayProgram, type RelayUnderTest } from '../../support/relay-under-test.ts';
import { TestBuses } from '../../support/test-bus.ts';
import { dist, eventually, HostUnderTest } from '../support/host-under-test.ts';

const demo = {
  agents: { demo: { command: process.execPath, args: [join(dist, 'demo-agent', 'main.js')] } },
};
const ANEW_MS = 5_000;

describe.skipIf(whyNoDbusmock() !== null)('a machine whose logind says that it sleeps', () => {
  const before = { ...process.env };
  let buses: TestBuses;
  let logind: Mock;
  let upower: Mock;
  let host: HostUnderTest;
  let relay: RelayUnderTest;
  let device: HeadlessDevice;
  let told: HostNotice[];
  beforeEach(async () => {
    buses = await TestBuses.start();
    // What is started from here meets these, and not the machine's own.
    Object.assign(process.env, buses.env);
    [logind, upower] = await Promise.all([
      mockLogind(buses),
      mockUpower(buses, { percent: 81, onBattery: true }),
    ]);
    host = new HostUnderTest(demo);
    relay = await relayProgram();
    const way = { via: relay.url, relay: relay.url };
    const { keys } = enrol(host.home, { name: 'Pixel 9', role: 'operator', ...way });
    await host.connect();
    device = new HeadlessDevice(keys);
    told = [];
    device.surface.notices.on((notice) => told.push(notice));
    await device.start();
    await device.up();
    // The holder is there, though nothing works: it listens to the system for the device's sake.
    await eventually(async () => (await power()).battery);
  }, 60_000);
  afterEach(async () => {
    device.stop();
    await host.stop();
    await relay.stop();
    await buses.stop();
    for (const name of Object.keys(buses.env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }, 60_000);

  const power = async () => (await host.client.call('power.state', {})).power;
  const notices = <N extends HostNotice['name']>(name: N) =>
    told.filter((each) => each.name === name) as Extract<HostNotice, { name: N }>[];

  test('an idle host tells its phone before it sleeps, and is back within 5 s of the wake', async () => {
    const sleptAt = Date.now();
    await prepareForSleep(logind, true);
    await device.until(() => (device.surface.state.kind === 'away' ? true : null), 3_000);
    expect(Date.now() - sleptAt).toBeLessThan(3_000);
    expect(notices('host.sleeping').map(({ params }) => params.why)).toEqual([
      'Nothing held the machine awake.',
    ]);
    expect(device.link.watch.facts.host).toMatchObject({ here: false, asleepSaidBy: 'host' });

    const wokeAt = Date.now();
    await prepareForSleep(logind, false);
    await prepareForSleep(logind, false);
    await device.up(ANEW_MS);
    expect(Date.now() - wokeAt).toBeLessThan(ANEW_MS);
    expect(device.link.watch.facts.host.asleepSinceMs).toBeNull();
    const { power: known } = await device.call('power.state', {});
    expect(known.battery).toEqual({ percent: 81, onMains: false });
  }, 60_000);

  test('a lid that closes and opens is told with what ran behind it', async () => {
    const sessionId = await host.start('demo', 'SCRIPT:hang');
    await host.until(sessionId, ({ state }) => state === 'working');
    await setLid(upower, { closed: true });
    const reports = (): LidReport[] => notices('power.lid').map(({ params }) => params.report);
    const closed = await device.until(() => reports()[0] ?? null);
    expect(closed).toMatchObject({ openedAt: null, wasSafe: false, slept: [] });
    await setBattery(upower, { percent: 74, onBattery: true });
    await eventually(async () => ((await power()).battery?.percent === 74 ? true : null));
    // Longer than a lid that bounces.
    const until = Date.parse(closed.closedAt) + 2_100;
    await eventually(async () => (Date.now() > until ? true : null));
    await setLid(upower, { closed: false });
    const opened = await device.until(() => reports()[1] ?? null);
    expect(opened).toMatchObject({
      closedAt: closed.closedAt,
      battery: { from: 81, to: 74 },
      sessions: [{ sessionId }],
    });
    expect(opened.sessions[0]?.workedMs).toBeGreaterThan(2_000);
    expect((await host.client.call('power.lidReport', {})).report).toEqual(opened);
  }, 60_000);
});
