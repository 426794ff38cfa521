import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, describe, expect, test } from 'vitest';
import { isWithoutNats, NatsUnderTest, type NatsOptions } from '../../support/nats-under-test.ts';

describe.skipIf(isWithoutNats())('the NATS that tests run', () => {
  const started: NatsUnderTest[] = [];
  afterEach(async () => {
    for (const nats of started.splice(0)) await nats.stop();
  });
  const start = async (options: NatsOptions): Promise<NatsUnderTest> => {
    const nats = await NatsUnderTest.start(options);
    started.push(nats);
    return nats;
  };

  test('keeps what it stored over a kill, and loses it when it is wiped', async () => {
    const nats = await start({});
    const streams = async (): Promise<string[]> => {
      const connection = await connect({ servers: nats.urls });
      try {
        const manager = await jetstreamManager(connection);
        return (await manager.streams.list().next()).map(({ config }) => config.name);
      } finally {
        await connection.close();
      }
    };
    const connection = await connect({ servers: nats.urls });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'kept', subjects: ['kept.>'] });
    await connection.close();
    await nats.server.kill();
    await nats.server.start();
    expect(await streams()).toEqual(['kept']);
    await nats.server.kill();
    await nats.server.wipe();
    await nats.server.start();
    expect(await streams()).toEqual([]);
  });

  test('wants a name and a password, and a certificate, when it was told to', async () => {
    const user = { name: 'relay', password: 'a "quoted" word' };
    const nats = await start({ tls: 'mutual', user });
    const { caFile, clientCertFile, clientKeyFile } = nats.certificates ?? {};
    const tls = { caFile, certFile: clientCertFile, keyFile: clientKeyFile };
    const attempt = async (options: object): Promise<string> => {
      try {
        const connection = await connect({ servers: nats.urls, reconnect: false, ...options });
        await connection.close();
        return 'connected';
      } catch {
        return 'refused';
      }
    };
    expect([
      await attempt({ user: user.name, pass: user.password, tls }),
      await attempt({ user: user.name, pass: 'another', tls }),
      await attempt({ user: user.name, pass: user.password, tls: { caFile } }),
      await attempt({ tls }),
    ]).toEqual(['connected', 'refused', 'refused', 'refused']);
  });
});
