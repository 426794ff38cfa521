import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { RelayMessage } from '../../../src/protocol/relay.ts';
import { isWithoutNats, NatsUnderTest } from '../../support/nats-under-test.ts';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  id,
  type RelayClient,
} from '../../support/relay-clients.ts';
import { relayProgram } from '../../support/relay-under-test.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function node(nats: NatsUnderTest) {
  const flags = nats.urls.flatMap((url) => ['--nats', url]);
  const started = await relayProgram([...flags, '--drain-seconds', '1']);
  stops.push(started.stop);
  const isReady = async () => (await fetch(`${started.url}/readyz`)).status === 200;
  await expect.poll(isReady, { timeout: 10_000 }).toBe(true);
  return started;
}

async function answerTo(device: RelayClient, mail: string): Promise<RelayMessage['type']> {
  device.say({ type: 'leaveMail', id: mail, sealed: mail });
  for (;;) {
    const answer = await device.text();
    if (answer.type === 'mailLeft' || answer.type === 'mailNotLeft') return answer.type;
  }
}

const TAKEN = 'porchlight_relay_mail_taken_total 4';

const mailAt = ({ untaken }: RelayClient) =>
  untaken.texts.filter((message) => message.type === 'mail');

test.skipIf(isWithoutNats())(
  'what is left at nodes that are killed in that moment is there once, at any other node',
  async () => {
    const nats = await NatsUnderTest.start({ size: 1 });
    stops.push(async () => await nats.stop());
    const a = await node(nats);
    const key = new HostKey();
    const phone = new DeviceKey();
    const left: string[] = [];
    for (const afterMs of [0, 1, 3, 8]) {
      const b = await node(nats);
      const device = await connectDevice(b, key, phone);
      expect(device.admitted).toMatchObject({ host: false, mail: { maxAgeSec: 86_400 } });
      const mail = id();
      device.say({ type: 'leaveMail', id: mail, sealed: mail });
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      const killed = once(b.child, 'exit');
      b.child.kill('SIGKILL');
      await killed;
      // It did not hear what became of it, and leaves the same elsewhere.
      const again = await connectDevice(a, key, phone);
      expect(await answerTo(again, mail)).toBe('mailLeft');
      again.end();
      left.push(mail);
    }
    const c = await node(nats);
    const host = await connectHost(c, key);
    await expect.poll(() => mailAt(host).length, { timeout: 5_000 }).toBe(left.length);
    const mail = mailAt(host).map(({ id: name, device }) => ({ id: name, device }));
    expect(mail).toEqual(left.map((name) => ({ id: name, device: phone.id })));
    host.say({ type: 'mailTaken', mail });
    await host.ponged();
    host.end();
    await host.closed;
    // Whatever node it comes to next has none of it, and what was left since.
    const forgotten = async () => (await (await fetch(`${c.url}/metrics`)).text()).includes(TAKEN);
    await expect.poll(forgotten, { timeout: 5_000 }).toBe(true);
    const last = id();
    expect(await answerTo(await connectDevice(a, key, phone), last)).toBe('mailLeft');
    const next = await connectHost(a, key);
    await expect.poll(() => mailAt(next).length, { timeout: 5_000 }).toBe(1);
    expect(mailAt(next).map(({ id: name }) => name)).toEqual([last]);
  },
  30_000,
);
