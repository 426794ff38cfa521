import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PushSubscriptionJson } from '../../src/protocol/push.ts';
import { PushService } from '../support/push-service.ts';
import { relayProgram } from '../support/relay-under-test.ts';
import { dist, eventually, HostUnderTest } from './support/host-under-test.ts';
import { killHard } from './support/processes.ts';
import { SealedDevice } from './support/sealed-device.ts';

// The built keeper, host and relay, a push service that looks into what it is given, and a device.

/** A silence for which no restart by the keeper is long enough, and a test is. */
const SILENCE_SEC = 6;

let service: PushService;
let host: HostUnderTest;
let notes: string;
let relay: Awaited<ReturnType<typeof relayProgram>>;
let phone: PushSubscriptionJson;

beforeEach(async () => {
  service = await PushService.start();
  notes = mkdtempSync(join(tmpdir(), 'porchlight-host-notes-'));
  relay = await startedRelay('127.0.0.1:0');
  host = new HostUnderTest();
}, 30_000);
afterEach(async () => {
  await host.stop();
  await relay.stop();
  await service.close();
  rmSync(notes, { recursive: true });
}, 60_000);

async function startedRelay(listen: string) {
  return await relayProgram([
    ...['--listen', listen, '--notes', notes, '--allow-push', service.host],
    ...['--notes-min', '1', '--notes-max', String(SILENCE_SEC), '--notes-grace', '2'],
  ]);
}

const note = async () => (await host.client.call('notify.state', {})).notify.note;
const becomes = async (state: string) =>
  await eventually(async () => ((await note()).state === state ? true : null));

/** A device with notifications on, and a session that waits for a decision. */
async function atWork(): Promise<void> {
  host.writeConfig({
    agents: {
      demo: {
        command: process.execPath,
        args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
      },
    },
    relay: { url: relay.url },
    devices: { hostName: 'desk' },
    notify: { allowHosts: [service.host] },
  });
  const at = `http://${relay.authority}` as const;
  const device = await SealedDevice.pairedWith(host.home, 'Pixel 9', 'operator', at);
  await host.connect();
  expect(await note()).toMatchObject({ state: 'unavailable' });
  const { client } = await eventually(async () => await device.connect(at).catch(() => null));
  const { key } = await client.call('push.key', {});
  phone = service.subscribe(key);
  await client.call('push.subscribe', { subscription: phone, actions: true, silent: true });
  await becomes('idle');
  const sessionId = await host.start('demo', 'go on');
  await host.approval(sessionId);
  await becomes('left');
  expect(await note()).toMatchObject({ devices: 1, why: null });
  client.close();
}

/** What the device was told of silence. */
const told = () => service.takenBy(phone).filter((push) => 'tag' in push && push.tag === 'silence');

async function killAll(): Promise<void> {
  const { pid, keeperPid } = await host.client.call('host.status', {});
  killHard(keeperPid);
  killHard(pid);
}

test('host and keeper are killed: the relay says so after the silence, and the host that it is back', async () => {
  await atWork();
  const before = Date.now();
  await killAll();
  await service.until(() => told().length === 1, 30_000);
  const afterMs = Date.now() - before;
  expect(afterMs).toBeGreaterThan(SILENCE_SEC * 1_000 - 100);
  expect(afterMs).toBeLessThan(SILENCE_SEC * 1_000 + 5_000);
  const [alarm] = told();
  expect(alarm).toMatchObject({ type: 'silence', hostName: 'desk', working: 1 });
  await host.connect();
  await service.until(() => told().length === 2, 30_000);
  const [, back] = told();
  expect(back).toMatchObject({ type: 'show', kind: 'machine', title: 'desk is back', loud: false });
  if (alarm?.type !== 'silence' || back?.type !== 'show') throw new Error('no alarm and return');
  expect(back.round).toBeGreaterThan(alarm.round);
  expect(back.body).toMatch(/^Back since \d\d:\d\d; it was silent for \d+ min\.$/u);
  // Of one push service the newer takes the place of the older, where that still waits.
  const topics = service.taken.flatMap(({ payload, topic }) =>
    'tag' in payload && payload.tag === 'silence' ? [topic] : [],
  );
  expect(new Set(topics).size).toBe(1);
  await wait(2_000);
  expect([told().length, service.faults]).toEqual([2, []]);
}, 90_000);

test('a host that its keeper brings back is not spoken for, and one that is stopped takes its note back', async () => {
  await atWork();
  killHard((await host.client.call('host.status', {})).pid);
  await host.connect();
  await becomes('left');
  await wait((SILENCE_SEC + 2) * 1_000);
  expect(told()).toEqual([]);
  await host.client.call('host.stop', { all: true });
  await wait((SILENCE_SEC + 3) * 1_000);
  const metrics = await (await fetch(`${relay.url}/metrics`)).text();
  expect([told(), /notes_kept (\d+)/u.exec(metrics)?.[1]]).toEqual([[], '0']);
}, 90_000);

test('host and relay are killed, and the relay comes back: it says so once', async () => {
  await atWork();
  await killAll();
  await wait(1_000);
  killHard(relay.child.pid ?? 0);
  await eventually(async () => await Promise.resolve(relay.child.signalCode));
  relay = await startedRelay(relay.authority);
  await service.until(() => told().length === 1, 30_000);
  await wait(4_000);
  expect(told()).toMatchObject([{ type: 'silence', working: 1 }]);
  await host.connect();
  await service.until(() => told().length === 2, 30_000);
  expect(told()[1]).toMatchObject({ type: 'show', title: 'desk is back' });
}, 90_000);
