import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outcome, pairingEnd, sessionEnd, turns, type WireEnd } from './sealed-ends.ts';
import recorded from './v1/sealed.json' with { type: 'json' };

const FROZEN = 'b4de9fdd651606fc816f3e66e4a6f7f41a1af986ad1d217d1d4fa4361bc8a71c';

/** The other side's frames, one after the other; `then` is what this side says once it may. */
const play = async (
  end: WireEnd,
  frames: readonly string[],
  then: readonly string[] = [],
): Promise<void> => {
  for (const [index, frame] of frames.entries()) {
    await turns();
    if (index === 1) for (const text of then) end.transport.send(text);
    end.pipe.deliver(new Uint8Array(Buffer.from(frame, 'hex')));
  }
  await turns();
};

test('what was recorded is not changed', () => {
  const text = readFileSync(join(import.meta.dirname, 'v1', 'sealed.json'));
  expect(createHash('sha256').update(text).digest('hex')).toBe(FROZEN);
});

test('a host of today understands a device of version 1: texts, parts, rekeys, ping, bye', async () => {
  const host = sessionEnd('host');
  const { sentFirst, sentThen } = recorded.session;
  for (const text of sentFirst.host) host.transport.send(text);
  await play(host, recorded.session.device, sentThen.host);
  expect({ texts: host.texts, closes: host.closes }).toEqual(recorded.session.heardByHost);
});

test('a device of today understands a host of version 1, and opens with the same message', async () => {
  const device = sessionEnd('device');
  const { sentFirst, sentThen } = recorded.session;
  for (const text of sentFirst.device) device.transport.send(text);
  await turns();
  expect(device.pipe.sent.map((frame) => Buffer.from(frame).toString('hex'))).toEqual(
    recorded.session.device.slice(0, 1),
  );
  await play(device, recorded.session.host, sentThen.device);
  expect({ texts: device.texts, closes: device.closes }).toEqual(recorded.session.heardByDevice);
});

test('a host of today pairs with a device of version 1', async () => {
  const host = pairingEnd('host');
  await play(host, recorded.pairing.device);
  expect(outcome(await host.transport.opened)).toEqual(recorded.pairing.knownByHost);
  expect(host.texts).toEqual(recorded.pairing.heardByHost);
});

test('a device of today pairs with a host of version 1', async () => {
  const device = pairingEnd('device');
  await play(device, recorded.pairing.host);
  expect(outcome(await device.transport.opened)).toEqual(recorded.pairing.knownByDevice);
  expect(device.texts).toEqual(recorded.pairing.heardByDevice);
});
