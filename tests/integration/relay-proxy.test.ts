import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RELAY_PATH } from '../../src/protocol/relay.ts';
import { PollClient } from '../support/poll-client.ts';
import { connectDevice, connectHost, DeviceKey, HostKey } from '../support/relay-clients.ts';
import { relayProgram } from '../support/relay-under-test.ts';

const caddyfile = join(import.meta.dirname, '..', '..', 'deploy', 'relay', 'Caddyfile');
const hasCaddy = spawnSync('caddy', ['version']).status === 0;
const wait = { timeout: 20_000 };

/** The file that people deploy, in front of the built relay. */
describe.skipIf(!hasCaddy)('behind Caddy (skipped where `caddy` is not installed)', () => {
  const stops: (() => unknown)[] = [];
  let plain: { url: string; socketUrl: string; authority: string };
  let secure: { socketUrl: string; authority: string; port: number };

  beforeAll(async () => {
    plain = await behind('http://127.0.0.1');
    const { url, authority } = await behind('https://localhost');
    const port = Number(new URL(url).port);
    secure = { authority, port, socketUrl: `wss://${authority}${RELAY_PATH}` };
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  async function behind(origin: string) {
    const port = await freePort();
    const url = `${origin}:${port}`;
    const { host: authority } = new URL(url);
    const relay = await relayProgram(['--trust-proxy', '--name', authority]);
    stops.push(relay.stop);
    const folder = mkdtempSync(join(tmpdir(), 'porchlight-caddy-'));
    const caddy = spawn('caddy', ['run', '--config', caddyfile, '--adapter', 'caddyfile'], {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        ...{ HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
        ...{ RELAY_NAME: url, RELAY_UPSTREAM: relay.authority },
        // Where it would send who comes without TLS on: the usual port may be taken.
        RELAY_HTTP_PORT: String(await freePort()),
      },
    });
    const gone = once(caddy, 'exit');
    stops.push(async () => {
      caddy.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    });
    await vi.waitFor(async () => expect(await statusOf(port, origin)).toBe(200), wait);
    return { url, authority, socketUrl: `${url.replace('http', 'ws')}${RELAY_PATH}` };
  }

  test('a WebSocket is upgraded, and frames pass', async () => {
    const key = new HostKey();
    const host = await connectHost(plain, key);
    const device = await connectDevice(plain, key, new DeviceKey());
    expect(await host.text()).toMatchObject({ type: 'opened', slot: 1 });
    device.send(Buffer.alloc(60_000, 1));
    expect((await host.cargoWithSlot()).cargo.length).toBe(60_000);
    host.sendTo(1, Buffer.alloc(60_000, 2));
    expect((await device.cargo()).length).toBe(60_000);
    host.end();
  });

  test('events of a stream arrive while it is open', async () => {
    const key = new HostKey();
    const host = await connectHost(plain, key);
    const phone = await PollClient.open(plain.url);
    await phone.listen();
    const challenge = await phone.text();
    if (challenge.type !== 'challenge') throw new Error(challenge.type);
    const device = new DeviceKey();
    const grant = key.grant(device);
    await phone.say(device.admission(challenge.nonce, plain.authority, key.channel, grant));
    expect(await phone.text()).toEqual({ type: 'admitted', host: true });
    const opened = await host.text();
    host.sendTo(opened.type === 'opened' ? opened.slot : 0, Buffer.from('down'));
    expect(String(await phone.cargo())).toBe('down');
    phone.drop();
    host.end();
  });

  test('what is for the operator is not shown to the world', async () => {
    const statuses = [];
    for (const path of ['/healthz', '/metrics'])
      statuses.push((await fetch(`${plain.url}${path}`)).status);
    expect(statuses).toEqual([200, 404]);
  });

  test('by https the same works, with the name that was dialled', async () => {
    const key = new HostKey();
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    // Caddy made the certificate for this test by itself.
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const host = await connectHost(secure, key);
      const device = await connectDevice(secure, key, new DeviceKey());
      device.send(Buffer.from('sealed twice'));
      expect(String((await host.cargoWithSlot()).cargo)).toBe('sealed twice');
      device.end();
      host.end();
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
  });

  async function statusOf(port: number, origin: string): Promise<number> {
    if (origin.startsWith('http:'))
      return await fetch(`${origin}:${port}/healthz`).then(
        ({ status }) => status,
        () => 0,
      );
    return await new Promise<number>((resolve) => {
      const asked = request(
        { host: 'localhost', port, path: '/healthz', rejectUnauthorized: false },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      asked.on('error', () => resolve(0));
      asked.end();
    });
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
