import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Drain } from '../../../src/relay/drain.ts';
import type { Line, LineListener } from '../../../src/relay/line.ts';
import { PollClient } from '../../support/poll-client.ts';
import { RelayClock } from '../../support/relay-clock.ts';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  RelayClient,
} from '../../support/relay-clients.ts';
import { relayHere } from '../../support/relay-under-test.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Lines of many hosts with their devices, and what came of each, with the time. */
function crowd(parties: number, perParty: number) {
  const clock = new RelayClock();
  const lines = new Set<Line>();
  const closed: { atMs: number; code: number; party: object; isTold: boolean }[] = [];
  let shutAtMs = -1;
  const admit = (party: object): void => {
    const listener: LineListener = {
      party,
      onText() {},
      onCargo() {},
      onClosed: () => Object.assign(closed.at(-1) ?? {}, { isTold: true }),
    };
    const line: Line = {
      listener,
      unread: 0,
      isElsewhere: false,
      admitted() {},
      sendText() {},
      sendCargoAfterSlot() {},
      sendCargoToSlot() {},
      onceDrained() {},
      pause() {},
      resume() {},
      close: (code) => {
        lines.delete(line);
        closed.push({ atMs: clock.nowMs(), code, party, isTold: false });
      },
    };
    lines.add(line);
  };
  // As they came: the devices of one host are not beside each other.
  const hosts = Array.from({ length: parties }, () => ({}));
  for (let n = 0; n < perParty; n += 1) for (const host of hosts) admit(host);
  let sent = 0;
  const drain = new Drain(
    {
      shut: () => (shutAtMs = clock.nowMs()),
      lines: () => lines,
      sent: (count) => (sent += count),
    },
    clock,
  );
  const run = async (limitMs: number): Promise<number> => {
    let isOver = false;
    void drain.run(limitMs).then(() => (isOver = true));
    for (let atMs = 0; !isOver; atMs += 50) {
      await setImmediate();
      if (!isOver) clock.pass(50);
    }
    return clock.nowMs();
  };
  return { drain, run, lines, closed, admit, clock, at: () => ({ shutAtMs, sent }) };
}

test('all are sent away over the time, evenly, each host together with its devices', async () => {
  const { run, closed, lines, at } = crowd(200, 5);
  const overAtMs = await run(20_000);
  expect([lines.size, at(), overAtMs <= 20_100]).toEqual([
    0,
    { shutAtMs: 5_000, sent: 1_000 },
    true,
  ]);
  expect(closed.every(({ code, isTold }) => code === 1012 && isTold)).toBe(true);
  const perSecond = Array.from(
    { length: 15 },
    (_, n) =>
      closed.filter(({ atMs }) => atMs >= 5_000 + n * 1_000 && atMs < 6_000 + n * 1_000).length,
  );
  // A thousand over fifteen seconds: 67 a second, and no party is torn.
  expect([Math.max(...perSecond) <= 85, Math.min(...perSecond) >= 45]).toEqual([true, true]);
  const times = new Map<object, Set<number>>();
  for (const { party, atMs } of closed) times.set(party, (times.get(party) ?? new Set()).add(atMs));
  expect([...times.values()].filter((of) => of.size !== 1)).toEqual([]);
});

test('with few it is over as soon as they are gone, with none after the notice', async () => {
  expect(await crowd(1, 3).run(20_000)).toBeLessThan(6_000);
  expect(await crowd(0, 0).run(20_000)).toBeLessThan(5_200);
  expect(await crowd(1, 1).run(400)).toBeLessThan(600);
});

test('who is let in while it runs is sent away too, before the time is over', async () => {
  const { run, admit, lines, clock } = crowd(50, 2);
  clock.after(7_000, () => admit({}));
  clock.after(9_900, () => admit({}));
  expect([await run(10_000), lines.size]).toEqual([expect.any(Number), 0]);
  expect(clock.nowMs()).toBeLessThanOrEqual(10_100);
});

test('a relay that drains is not ready, lets nobody in, and sends each way of coming on', async () => {
  const place = await relayHere();
  stops.push(place.stop);
  const ready = async () => {
    const answer = await fetch(`${place.url}/readyz`);
    return [answer.status, await answer.json()];
  };
  const before = await ready();
  const key = new HostKey();
  const host = await connectHost(place, key);
  const device = await connectDevice(place, key, new DeviceKey());
  const poll = await PollClient.open(place.url);
  await poll.listen();
  const drained = place.relay.drain(1_000);
  const while_ = await ready();
  // In the time of notice all is served as ever.
  const late = await connectDevice(place, key, new DeviceKey());
  expect([before, while_]).toEqual([
    [200, { ready: true, reasons: [] }],
    [503, { ready: false, reasons: ['It is stopping.'] }],
  ]);
  const closes = await Promise.all([host.closed, device.closed, late.closed]);
  expect(closes.map(({ code }) => code)).toEqual([1012, 1012, 1012]);
  await expect.poll(() => poll.events.at(-1)?.event, { timeout: 2_000 }).toBe('close');
  expect(JSON.parse(poll.events.at(-1)?.data ?? '')).toMatchObject({ code: 1012 });
  await expect(new RelayClient(place.socketUrl).closed).rejects.toThrow('ECONNREFUSED');
  await drained;
  expect(place.relay.metrics.moved).toBe(3);
});

test('a relay that is full is not ready, and says why', async () => {
  const place = await relayHere({ limits: { maxConnections: 1 } });
  stops.push(place.stop);
  const client = new RelayClient(place.socketUrl);
  await client.nonce();
  const answers = [[], [['x-forwarded-for', '192.0.2.1']]].map(async (headers) => {
    const answer = await fetch(`${place.url}/readyz`, {
      headers: Object.fromEntries(headers),
    });
    return [answer.status, await answer.json()];
  });
  // Strangers hear that it is not, and no more.
  expect(await Promise.all(answers)).toEqual([
    [503, { ready: false, reasons: ['It is full.'] }],
    [503, { ready: false, reasons: [] }],
  ]);
});
