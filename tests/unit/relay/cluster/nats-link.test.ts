import { afterEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { systemClock } from '../../../../src/relay/clock.ts';
import { NatsLink } from '../../../../src/relay/cluster/nats-link.ts';
import { OldNatsServer } from '../../../fakes/old-nats-server.ts';
import { natsSettings } from '../../../support/nats-settings.ts';

const VERSION = { version: '2.12.2' };
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

test('a listener that throws costs neither the others their word nor the link its next dial', async () => {
  const server = await OldNatsServer.start(VERSION);
  const logged: string[] = [];
  const log = { ...silentLogger, error: (_fields: object, text: string) => void logged.push(text) };
  const settings = natsSettings([server.url]);
  const link = NatsLink.open(settings, { clock: systemClock, random: () => 0, log });
  ends.push(async () => await link.close());
  const heard: boolean[] = [];
  link.onChange(() => {
    throw new Error('it is wrong');
  });
  link.onChange((connection) => void heard.push(connection !== null));
  await link.up(5_000);
  const port = Number(new URL(server.url).port);
  await server.stop();
  const again = await OldNatsServer.start(VERSION, port);
  ends.push(async () => await again.stop());
  await expect.poll(() => heard, { timeout: 5_000, interval: 10 }).toEqual([true, false, true]);
  expect(logged.filter((text) => text.startsWith('a bug in what hears'))).toHaveLength(3);
});
