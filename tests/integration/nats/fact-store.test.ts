import { afterAll, beforeAll, describe } from 'vitest';
import { silentLogger } from '../../../src/base/log.ts';
import { systemClock } from '../../../src/relay/clock.ts';
import { JetFactStore } from '../../../src/relay/cluster/jet-fact-store.ts';
import { factStoreContract } from '../../contracts/fact-store.ts';
import { natsSettings } from '../../support/nats-settings.ts';
import { joinNats } from '../../support/nats-stores.ts';
import { isWithoutNats, NatsUnderTest } from '../../support/nats-under-test.ts';

describe.skipIf(isWithoutNats())('facts in JetStream', () => {
  let nats: NatsUnderTest;
  let made = 0;
  beforeAll(async () => void (nats = await NatsUnderTest.start()));
  afterAll(async () => await nats.stop());

  factStoreContract(async () => {
    made += 1;
    const settings = natsSettings(nats.urls, { prefix: `facts-${made}` });
    const nodes = await Promise.all([joinNats(settings), joinNats(settings)]);
    const needs = { prefix: settings.prefix, clock: systemClock, log: silentLogger };
    const [store, other] = nodes.map(({ jet }) => new JetFactStore({ ...needs, jet }));
    if (store === undefined || other === undefined) throw new Error('there are two');
    await nodes[0]?.jet.make(store.plan, 5_000);
    return {
      ...{ store, other },
      end: async () => void (await Promise.all(nodes.map(async ({ link }) => await link.close()))),
    };
  });
});
