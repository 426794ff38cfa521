import { afterAll, beforeAll, describe } from 'vitest';
import { JetMailStore } from '../../../src/relay/mail/jet-mail-store.ts';
import { mailStoreContract } from '../../contracts/mail-store.ts';
import { natsSettings } from '../../support/nats-settings.ts';
import { joinNats } from '../../support/nats-stores.ts';
import { isWithoutNats, NatsUnderTest, type NatsOptions } from '../../support/nats-under-test.ts';

describe.skipIf(isWithoutNats())('mail in JetStream', () => {
  describe('on one server', () => over({}));
  describe('on three', () => over({ size: 3 }));

  function over(options: NatsOptions): void {
    let nats: NatsUnderTest;
    let made = 0;
    beforeAll(async () => void (nats = await NatsUnderTest.start(options)));
    afterAll(async () => await nats.stop());

    mailStoreContract(async ({ maxAgeMs, maxCount, maxTotalBytes }) => {
      made += 1;
      const settings = natsSettings(nats.urls, {
        prefix: `mail-${made}`,
        mail: { maxAgeSec: maxAgeMs / 1_000, maxCount, maxBytes: maxTotalBytes },
      });
      const nodes = await Promise.all([joinNats(settings), joinNats(settings)]);
      const [store, other] = nodes.map(
        ({ jet }) => new JetMailStore({ jet, settings, wallMs: () => Date.now() }),
      );
      if (store === undefined || other === undefined) throw new Error('there are two');
      return {
        ...{ store, other },
        nowMs: () => Date.now(),
        pass: async (ms) => await new Promise((resolve) => setTimeout(resolve, ms)),
        end: async () =>
          void (await Promise.all(nodes.map(async ({ link }) => await link.close()))),
      };
    });
  }
});
