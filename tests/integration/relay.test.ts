import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { RELAY_PATH, RELAY_SUBPROTOCOL } from '../../src/protocol/relay.ts';
import { PollClient } from '../support/poll-client.ts';
import {
  connectDevice,
  connectGuest,
  connectHost,
  DeviceKey,
  HostKey,
  id,
  RelayClient,
} from '../support/relay-clients.ts';
import { relayProgram } from '../support/relay-under-test.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function started(args: readonly string[] = []) {
  const relay = await relayProgram(args);
  stops.push(relay.stop);
  return relay;
}

const metricsOf = async (url: string): Promise<string> =>
  await (await fetch(`${url}/metrics`)).text();

describe('the built relay', () => {
  test('carries frames between two hosts and their devices, each to its own', async () => {
    const relay = await started();
    const keys = [new HostKey(), new HostKey()];
    const ways = [];
    for (const key of keys) {
      const host = await connectHost(relay, key);
      for (const slot of [1, 2, 3])
        ways.push({ host, slot, device: await connectDevice(relay, key, new DeviceKey()) });
    }
    const rounds = 50;
    for (let n = 0; n < rounds; n += 1)
      for (const [index, { host, slot, device }] of ways.entries()) {
        device.send(Buffer.from(`up ${index} ${n}`));
        host.sendTo(slot, Buffer.from(`down ${index} ${n}`));
      }
    for (const [index, { device }] of ways.entries())
      for (let n = 0; n < rounds; n += 1)
        expect(String(await device.cargo())).toBe(`down ${index} ${n}`);
    for (const first of [0, 3]) {
      const { host } = ways[first]!;
      const heard: string[][] = [[], [], []];
      for (let n = 0; n < 3 * rounds; n += 1) {
        const { slot, cargo } = await host.cargoWithSlot();
        heard[slot - 1]?.push(String(cargo));
      }
      expect(heard).toEqual(
        [0, 1, 2].map((each) =>
          Array.from({ length: rounds }, (_, n) => `up ${first + each} ${n}`),
        ),
      );
    }
  });

  test('holds a thousand devices, and each of them hears its own', async () => {
    const relay = await started();
    const key = new HostKey();
    const host = await connectHost(relay, key);
    const devices: RelayClient[] = [];
    let phone = new DeviceKey();
    while (devices.length < 1_000) {
      // Eight connections is what one device may have.
      if (devices.length % 8 === 0) phone = new DeviceKey();
      devices.push(await connectDevice(relay, key, phone));
      stops.push(() => devices.pop()?.end());
    }
    expect(await metricsOf(relay.url)).toContain(
      'porchlight_relay_connections{role="device"} 1000\n',
    );
    for (const index of devices.keys()) host.sendTo(index + 1, Buffer.from(`${index}`));
    const heard = await Promise.all(devices.map(async (device) => String(await device.cargo())));
    expect(heard).toEqual([...devices.keys()].map(String));
  });

  test('ends at once when stdin closes, if it was told to', async () => {
    const relay = await started(['--end-with-stdin']);
    const gone = once(relay.child, 'exit');
    relay.child.stdin?.end();
    expect(await gone).toEqual([0, null]);
  });

  test('at SIGTERM takes nobody in, closes all with 1001 and is gone within two seconds', async () => {
    const relay = await started();
    const key = new HostKey();
    const host = await connectHost(relay, key);
    const device = await connectDevice(relay, key, new DeviceKey());
    const poll = await PollClient.open(relay.url);
    await poll.listen();
    await poll.text();
    // Neither the one that never answers nor the one that has said nothing yet holds it up.
    const deaf = await connectDevice(relay, key, new DeviceKey());
    deaf.ws.pause();
    const mute = await rawSocket(relay.url);
    const began = Date.now();
    const gone = once(relay.child, 'exit');
    relay.child.kill('SIGTERM');
    expect([await host.closed, await device.closed].map(({ code }) => code)).toEqual([1001, 1001]);
    expect((await poll.next()).event).toBe('close');
    expect(await gone).toEqual([0, null]);
    expect(Date.now() - began).toBeLessThan(2_000);
    mute.destroy();
    deaf.end();
  });

  test('an address that is taken is said, and nothing is left running', async () => {
    const relay = await started();
    await expect(relayProgram(['--listen', relay.authority])).rejects.toThrow('EADDRINUSE');
  });

  test('listens at several addresses, and tells them', async () => {
    const relay = await started(['--listen', '127.0.0.1:0', '--listen', '127.0.0.1:0']);
    await connectHost(relay, new HostKey());
  });

  test('is known by the names it was given, and by no Host header', async () => {
    const relay = await started(['--name', 'relay.example.org', '--trust-proxy']);
    const key = new HostKey();
    await connectHost({ ...relay, authority: 'relay.example.org' }, key);
    await connectHost({ ...relay, authority: 'Relay.Example.org:443' }, key);
    // As one who passes our challenge on to a host that dialled elsewhere: it writes the header too.
    const authority = 'evil.example';
    const client = new RelayClient(relay.socketUrl, RELAY_SUBPROTOCOL, {
      host: authority,
      'x-forwarded-host': authority,
    });
    client.say(key.admission(await client.nonce(), authority));
    expect(await client.text()).toMatchObject({ type: 'refused', code: 'badProof' });
  });
});

describe('a stranger', () => {
  test('who knows the ids can neither replace a host nor disturb it, nor learn whether it is there', async () => {
    const relay = await started();
    const key = new HostKey();
    const phone = new DeviceKey();
    const stranger = new HostKey();
    const answers = [];
    for (const isThere of [false, true]) {
      const host = isThere ? await connectHost(relay, key) : null;
      const asHost = new RelayClient(relay.socketUrl);
      const wrong = stranger.admission(await asHost.nonce(), relay.authority);
      asHost.say({ ...wrong, key: key.public });
      const asDevice = new RelayClient(relay.socketUrl);
      const thief = new DeviceKey();
      const grant = key.grant(phone);
      asDevice.say(thief.admission(await asDevice.nonce(), relay.authority, key.channel, grant));
      answers.push([
        [await asHost.text(), await asHost.closed],
        [await asDevice.text(), await asDevice.closed],
      ]);
      await host?.ponged();
      expect(host?.untaken ?? { texts: [], cargo: [] }).toEqual({ texts: [], cargo: [] });
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  test('cannot use a proof again that it has seen', async () => {
    const relay = await started();
    const key = new HostKey();
    const first = new RelayClient(relay.socketUrl);
    const proof = key.admission(await first.nonce(), relay.authority);
    first.say(proof);
    expect(await first.text()).toEqual({ type: 'admitted', host: true });
    const second = new RelayClient(relay.socketUrl);
    await second.nonce();
    second.say(proof);
    expect(await second.text()).toMatchObject({ type: 'refused', code: 'badProof' });
    await first.ponged();
  });

  test.each([
    ['nothing of ours', 'hello'],
    ['no type', '{}'],
    ['a list', '[]'],
    ['a ping before it is in', '{"type":"ping"}'],
    ['a key that is too short', '{"type":"guest","rendezvous":"abc"}'],
    ['a very long text', `"${'x'.repeat(60_000)}"`],
  ])('who says %s is refused', async (_what, said) => {
    const relay = await started();
    const client = new RelayClient(relay.socketUrl);
    await client.nonce();
    client.ws.send(said);
    expect(await client.text()).toMatchObject({ type: 'refused', code: 'badMessage' });
    expect((await client.closed).code).toBe(4401);
  });

  test('who sends garbage is cut off, however it is cut up, and others feel nothing', async () => {
    const relay = await started();
    const key = new HostKey();
    const host = await connectHost(relay, key);
    const device = await connectDevice(relay, key, new DeviceKey());
    await host.text();
    const upgrade = `GET ${RELAY_PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${RELAY_SUBPROTOCOL}\r\n\r\n`;
    const garbage: Buffer[] = [
      Buffer.from('GET / HTTP/9.9\r\n\r\n'),
      Buffer.from(`GET ${RELAY_PATH} HTTP/1.1\r\nUpgrade: websocket\r\n\r\n`),
      Buffer.alloc(100_000, 0x41),
      // Not masked, as a client must; a reserved bit; a frame of 2^40 bytes.
      ...[
        [0x82, 0x01, 0x00],
        [0xf2, 0x80, 0, 0, 0, 0],
        [0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0],
      ].map((bytes) => Buffer.concat([Buffer.from(upgrade), Buffer.from(bytes)])),
      // A control frame that is too long, a text that is not UTF-8, a fragment of nothing.
      ...[
        [0x89, 0xfe, 1, 0, 0, 0, 0, 0],
        [0x81, 0x81, 0, 0, 0, 0, 0xff],
        [0x80, 0x80, 0, 0, 0, 0],
      ].map((bytes) => Buffer.concat([Buffer.from(upgrade), Buffer.from(bytes)])),
    ];
    for (const bytes of garbage)
      for (const step of [bytes.length, 1_000]) {
        const socket = await rawSocket(relay.url);
        // With a reset or without one: both end it.
        const gone = new Promise((resolve) => socket.once('close', resolve));
        socket.resume();
        for (let at = 0; at < bytes.length; at += step) socket.write(bytes.subarray(at, at + step));
        await gone;
      }
    device.send(Buffer.from('still'));
    expect(String((await host.cargoWithSlot()).cargo)).toBe('still');
  });
});

describe('cargo and control of who is in', () => {
  test('a device revoked in the middle of a message is cut, and its half is never delivered', async () => {
    const relay = await started();
    const key = new HostKey();
    const phone = new DeviceKey();
    const host = await connectHost(relay, key);
    const device = await connectDevice(relay, key, phone);
    await host.text();
    device.ws.send(Buffer.from('first half'), { fin: false });
    host.say({ type: 'revoke', revoked: [phone.id], epoch: 0 });
    expect(await host.text()).toEqual({ type: 'closed', slot: 1 });
    device.ws.send(Buffer.from('second half'), { fin: true });
    expect((await device.closed).code).toBe(4401);
    await host.ponged();
    expect(host.untaken.cargo).toEqual([]);
  });

  test('a new epoch cuts every device of an older one, and lets those of the new one in', async () => {
    const relay = await started();
    const key = new HostKey();
    const phone = new DeviceKey();
    const host = await connectHost(relay, key);
    const device = await connectDevice(relay, key, phone, 0);
    host.say({ type: 'revoke', revoked: [], epoch: 1 });
    expect((await device.closed).code).toBe(4401);
    await expect(connectDevice(relay, key, phone, 0)).rejects.toThrow('revoked');
    await connectDevice(relay, key, phone, 1);
  });

  test('a word of a later version is passed over; a broken one ends the line', async () => {
    const relay = await started();
    const key = new HostKey();
    const host = await connectHost(relay, key);
    const device = await connectDevice(relay, key, new DeviceKey());
    for (const client of [host, device]) {
      client.say({ type: 'ofTheFuture', with: { more: 1 } });
      await client.ponged();
    }
    device.say({ type: 7 });
    expect((await device.closed).code).toBe(4401);
    host.say({ type: 'close', slot: 'one' });
    expect((await host.closed).code).toBe(4401);
  });

  test.each([
    ['a device', 65_536],
    ['a host', 65_540],
  ])('a frame of %s that is too long ends its line only', async (who, bytes) => {
    const relay = await started();
    const key = new HostKey();
    const host = await connectHost(relay, key);
    const device = await connectDevice(relay, key, new DeviceKey());
    const [long, other] = who === 'a host' ? [host, device] : [device, host];
    long.send(Buffer.alloc(bytes));
    expect([1009, 4401]).toContain((await long.closed).code);
    await other.ponged();
  });

  test('a frame for a slot that is gone is dropped, and one of three bytes ends the host', async () => {
    const relay = await started();
    const host = await connectHost(relay, new HostKey());
    host.sendTo(99, Buffer.from('x'));
    await host.ponged();
    host.send(Buffer.alloc(3));
    expect((await host.closed).code).toBe(4401);
  });

  test('while the host is away devices stay, and are back on new slots when it returns', async () => {
    const relay = await started();
    const key = new HostKey();
    const phone = new DeviceKey();
    const device = await connectDevice(relay, key, phone);
    device.send(Buffer.from('nobody hears this'));
    const host = await connectHost(relay, key);
    expect(await device.text()).toEqual({ type: 'host', here: true });
    expect(await host.text()).toEqual({
      ...{ type: 'opened', slot: 1, device: phone.id, rendezvous: null },
    });
    host.end();
    expect(await device.text()).toEqual({ type: 'host', here: false });
  });
});

test('what a relay writes and shows of a whole day holds no id, no key and no address of anybody', async () => {
  const relay = await started();
  const key = new HostKey();
  const phone = new DeviceKey();
  const revoked = new DeviceKey();
  const rendezvous = id();
  const host = await connectHost(relay, key, { revoked: [revoked.id], epoch: 0 });
  const device = await connectDevice(relay, key, phone);
  host.say({ type: 'rendezvous', rendezvous, open: true });
  await host.ponged();
  const guest = await connectGuest(relay, rendezvous);
  guest.send(Buffer.from('hello'));
  device.send(Buffer.from('cargo'));
  await expect(connectDevice(relay, key, revoked)).rejects.toThrow('revoked');
  const stranger = new RelayClient(relay.socketUrl);
  stranger.say(new HostKey().admission(await stranger.nonce(), 'evil.example'));
  await stranger.closed;
  const poll = await PollClient.open(relay.url);
  await poll.listen();
  await poll.say({ type: 'guest', rendezvous: id() });
  await fetch(`${relay.url}/some/path?with=${phone.id}`);
  await host.ponged();
  const shown = await metricsOf(relay.url);
  expect(shown).toMatch(/^porchlight_relay_refused_total\{code="revoked"\} 1$/m);
  expect(shown).toMatch(/^porchlight_relay_frames_total\{role="guest"\} 1$/m);
  const health = await (await fetch(`${relay.url}/healthz`)).json();
  expect(health).toMatchObject({ ok: true });
  await relay.stop();
  const all = shown + relay.stderr();
  const secrets = [
    ...[key.public, key.channel, phone.id, phone.public, revoked.id, rendezvous],
    ...['evil.example', '127.0.0.1', '/some/path', poll.secret],
  ];
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
  // And nothing else that looks like one: 16 random bytes are 22 characters.
  expect(all.match(/[\w-]{22,}/g)?.filter((word) => !/^[a-z_]+$/.test(word)) ?? []).toEqual([]);
  expect(
    relay
      .stderr()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).message),
  ).toEqual(['the relay is up', 'the relay stops']);
});

async function rawSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  await once(socket, 'connect');
  stops.push(() => socket.destroy());
  return socket;
}
