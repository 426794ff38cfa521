import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CLOSE_MOVE, RELAY_PATH } from '../../../src/protocol/relay.ts';
import { freePorts } from '../../support/nats-server.ts';
import { isWithoutNats, NatsUnderTest } from '../../support/nats-under-test.ts';
import { PollClient } from '../../support/poll-client.ts';
import { connectDevice, connectHost, DeviceKey, HostKey } from '../../support/relay-clients.ts';
import { relayProgram } from '../../support/relay-under-test.ts';

const caddyfile = join(
  import.meta.dirname,
  ...['..', '..', '..', 'deploy', 'relay', 'Caddyfile.cluster'],
);
const hasCaddy = spawnSync('caddy', ['version']).status === 0;
const WAIT = { timeout: 15_000, interval: 50 };

/** The file that people deploy, in front of two nodes. */
describe.skipIf(!hasCaddy || isWithoutNats())('two nodes behind Caddyfile.cluster', () => {
  const stops: (() => unknown)[] = [];
  const nodes: Awaited<ReturnType<typeof relayProgram>>[] = [];
  let front: { url: string; socketUrl: string; authority: string };

  beforeAll(async () => {
    const nats = await NatsUnderTest.start();
    stops.push(async () => await nats.stop());
    const [port = 0, httpPort = 0] = await freePorts(2);
    const authority = `127.0.0.1:${port}`;
    const url = `http://${authority}`;
    const args = ['--trust-proxy', '--name', authority, '--drain-seconds', '6'];
    for (let n = 0; n < 2; n += 1) {
      const node = await relayProgram([...args, '--nats', nats.server.url]);
      stops.push(node.stop);
      nodes.push(node);
    }
    for (const node of nodes)
      await vi.waitFor(
        async () => expect((await fetch(`${node.url}/readyz`)).status).toBe(200),
        WAIT,
      );
    const folder = mkdtempSync(join(tmpdir(), 'porchlight-caddy-'));
    const caddy = spawn('caddy', ['run', '--config', caddyfile, '--adapter', 'caddyfile'], {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        ...{ HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
        RELAY_NAME: url,
        RELAY_UPSTREAMS: nodes.map((node) => node.authority).join(' '),
        RELAY_HTTP_PORT: String(httpPort),
      },
    });
    const gone = once(caddy, 'exit');
    stops.push(async () => {
      caddy.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    });
    await vi.waitFor(async () => expect((await fetch(`${url}/healthz`)).status).toBe(200), WAIT);
    front = { url, authority, socketUrl: `ws://${authority}${RELAY_PATH}` };
  }, 40_000);
  afterAll(async () => {
    for (const stop of stops.toReversed()) await stop();
  });

  /** How many of a role each node has. */
  const connected = async (role: string): Promise<number[]> =>
    await Promise.all(
      nodes.map(async ({ url }) => {
        const text = await fetch(`${url}/metrics`).then(
          async (answer) => await answer.text(),
          () => '',
        );
        const found = new RegExp(`^porchlight_relay_connections\\{role="${role}"\\} (\\d+)$`, 'm');
        return Number(found.exec(text)?.[1] ?? 0);
      }),
    );

  test('keep from the world what is for the operator', async () => {
    const paths = ['/healthz', '/metrics', '/readyz'];
    const answers = paths.map(async (path) => (await fetch(`${front.url}${path}`)).status);
    expect(await Promise.all(answers)).toEqual([200, 404, 404]);
  });

  test('join a host and its devices, also one without WebSocket, and go on when a node is drained', async () => {
    const key = new HostKey();
    const host = await connectHost(front, key);
    const device = await connectDevice(front, key, new DeviceKey());
    // The one with the fewest connections gets the next.
    const at = [...(await connected('host')), ...(await connected('device'))];
    expect([[1, 0, 0, 1].join(), [0, 1, 1, 0].join()]).toContain(at.join());
    const opened = await host.text();
    if (opened.type !== 'opened') throw new Error(opened.type);
    device.send(Buffer.from('across'));
    expect(String((await host.cargoWithSlot()).cargo)).toBe('across');
    host.sendTo(opened.slot, Buffer.from('and back'));
    expect(String(await device.cargo())).toBe('and back');

    const polling = new DeviceKey();
    const phone = await PollClient.open(front.url);
    await phone.listen();
    const challenge = await phone.text();
    if (challenge.type !== 'challenge') throw new Error(challenge.type);
    await phone.say(
      polling.admission(challenge.nonce, front.authority, key.channel, key.grant(polling)),
    );
    expect(await phone.text()).toMatchObject({ type: 'admitted' });
    const second = await host.text();
    host.sendTo(second.type === 'opened' ? second.slot : 0, Buffer.from('down'));
    expect(String(await phone.cargo())).toBe('down');
    phone.drop();

    const [first = 0] = await connected('host');
    const going = nodes[first === 1 ? 0 : 1];
    const sinceMs = Date.now();
    going?.child.kill('SIGTERM');
    expect(await host.closed).toMatchObject({ code: CLOSE_MOVE });
    // It was served until the load balancer had time to see that it is going.
    expect(Date.now() - sinceMs).toBeGreaterThan(1_200);
    const again = await connectHost(front, key);
    await vi.waitFor(
      async () => expect((await connected('host')).toSorted()).toEqual([0, 1]),
      WAIT,
    );
    device.send(Buffer.from('still here'));
    expect(String((await again.cargoWithSlot()).cargo)).toBe('still here');
    for (const client of [again, device]) client.end();
  }, 30_000);
});
