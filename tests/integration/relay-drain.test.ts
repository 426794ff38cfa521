import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { RelayDevice } from '../chaos/relay/relay-device.ts';
import { ClusterUnderTest } from '../support/cluster-under-test.ts';
import { LightHost } from '../support/light-host.ts';
import { connectHost, HostKey } from '../support/relay-clients.ts';
import { relayProgram } from '../support/relay-under-test.ts';

const HOSTS = 12;
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

test('in a rolling restart each device is without its host for about the pause that was chosen, and misses nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-drain-'));
  stops.push(() => rmSync(folder, { recursive: true }));
  const cluster = await ClusterUnderTest.start({
    nodes: 2,
    nats: 1,
    args: ['--drain-seconds', '2'],
  });
  stops.push(async () => await cluster.stop());
  const devices: RelayDevice[] = [];
  const talks: NodeJS.Timeout[] = [];
  for (let n = 0; n < HOSTS; n += 1) {
    const host = new LightHost({ relay: cluster.url, folder: join(folder, String(n)) });
    const device = new RelayDevice(`phone ${n}`, host);
    devices.push(device);
    host.switchOn();
    await device.open();
    talks.push(setInterval(() => host.say('word'), 50));
    stops.push(
      () => host.switchOff(),
      () => device.close(),
    );
  }
  const up = () => devices.filter((device) => device.isUp).length;
  stops.push(() => talks.forEach(clearInterval));
  await expect.poll(up, { timeout: 5_000 }).toBe(HOSTS);
  const waitedMs = devices.map(({ host }) => host.waitedMs);
  for (const device of devices) device.mark();
  await cluster.nodes[0]?.drain();
  await expect.poll(up, { timeout: 5_000 }).toBe(HOSTS);
  const beyondMs = devices.flatMap(({ host, lastOutage }, n) => {
    if (lastOutage === null) return [];
    const { sinceMs, untilMs, chosenMs } = lastOutage;
    const ofHostMs = host.waitedMs - (waitedMs[n] ?? 0);
    return [untilMs - sinceMs - Math.max(chosenMs, ofHostMs)];
  });
  beyondMs.sort((a, b) => a - b);
  // Whoever was there, or whose host was.
  expect(beyondMs.length).toBeGreaterThan(HOSTS / 3);
  expect(beyondMs[Math.floor(beyondMs.length / 2)]).toBeLessThan(150);
  // The machine of a test is busy with others.
  expect(beyondMs.at(-1)).toBeLessThan(1_500);
  talks.forEach(clearInterval);
  const late = () => devices.filter((device) => device.seen < device.host.lastSeq).length;
  await expect.poll(late, { timeout: 5_000 }).toBe(0);
  const differences = await Promise.all(devices.map(async (device) => await device.differences()));
  expect(differences.flat()).toEqual([]);
});

test('a second SIGTERM, and SIGINT, end a relay at once', async () => {
  for (const signals of [['SIGTERM', 'SIGTERM'], ['SIGINT']] as const) {
    const relay = await relayProgram(['--drain-seconds', '60']);
    stops.push(relay.stop);
    const host = await connectHost(relay, new HostKey());
    const gone = once(relay.child, 'exit');
    const began = Date.now();
    for (const signal of signals) {
      relay.child.kill(signal);
      if (signals.length > 1)
        await expect
          .poll(async () => (await fetch(`${relay.url}/readyz`).catch(() => null))?.status ?? 503)
          .toBe(503);
    }
    expect([await gone, (await host.closed).code]).toEqual([[0, null], 1001]);
    expect(Date.now() - began).toBeLessThan(10_000);
  }
});
