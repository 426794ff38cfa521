import { createServer, type Server, type Socket } from 'node:net';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, test } from 'vitest';
import { QuickWay } from '../../../src/relay/cluster/nats-quick.ts';
import { withRoom } from '../../../src/relay/cluster/room.ts';
import { isWithoutNats, NatsUnderTest, type NatsOptions } from '../../support/nats-under-test.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function roomy(text: string): Buffer {
  const payload = withRoom(text.length);
  payload.write(text);
  return payload;
}

describe.skipIf(isWithoutNats())('the quick way to NATS', () => {
  const cases: readonly [string, NatsOptions][] = [
    ['plainly', {}],
    ['over TLS', { tls: 'server' }],
  ];
  test.each(cases)(
    'is found in this version of the client, and keeps order with it, %s',
    async (_, options) => {
      const nats = await NatsUnderTest.start(options);
      ends.push(async () => await nats.stop());
      const { certificates } = nats;
      const tls = certificates === null ? {} : { tls: { caFile: certificates.caFile } };
      const connection = await connect({ servers: nats.urls, reconnect: false, ...tls });
      ends.push(async () => await connection.close());
      const quick = QuickWay.of(connection);
      const heard: string[] = [];
      connection.subscribe('s', { callback: (_error, { data }) => void heard.push(text(data)) });
      const sent: unknown[] = [];
      for (let n = 0; n < 50; n += 1) {
        sent.push(quick?.publish('s', roomy(`quick ${n}`)));
        if (n % 3 === 0) connection.publish('s', `usual ${n}`);
        if (n % 7 === 0) await connection.flush();
      }
      await connection.flush();
      const wanted = Array.from({ length: 50 }, (_value, n) => [
        `quick ${n}`,
        ...(n % 3 === 0 ? [`usual ${n}`] : []),
      ]).flat();
      expect({ sent: new Set(sent), heard }).toEqual({ sent: new Set([true]), heard: wanted });
      await connection.close();
      expect(quick?.publish('s', roomy('late'))).toBe(false);
    },
  );

  test('is not taken where the client looks otherwise', () => {
    // As a later version of the client might.
    const other = { protocol: { transport: {} } } as unknown as NatsConnection;
    expect(QuickWay.of(other)).toBe(null);
  });

  test('a server that says nonsense ends the connection, instead of the reading of it', async () => {
    const { server, port, client } = await scripted();
    ends.push(() => server.close());
    const connection = await connect({ servers: `127.0.0.1:${port}`, reconnect: false });
    ends.push(async () => await connection.close());
    expect(QuickWay.of(connection)).not.toBe(null);
    (await client).write('HELLO THERE\r\n');
    await connection.closed();
    expect(connection.isClosed()).toBe(true);
  });
});

/** Says what a client of NATS waits for, and nothing else. */
async function scripted(): Promise<{ server: Server; port: number; client: Promise<Socket> }> {
  const server = createServer();
  const client = new Promise<Socket>((resolve) =>
    server.once('connection', (socket) => {
      socket.on('error', () => {});
      socket.write('INFO {"server_id":"x","version":"2.12.0","max_payload":1048576}\r\n');
      socket.on('data', (said) => {
        if (said.includes('PING')) socket.write('PONG\r\n');
      });
      resolve(socket);
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, client, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
