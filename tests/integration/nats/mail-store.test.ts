import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelId, DeviceId, MailId } from '../../../src/protocol/relay.ts';
import { JetMailStore } from '../../../src/relay/mail/jet-mail-store.ts';
import { MailRefused, type MailStore } from '../../../src/relay/mail/mail-store.ts';
import {
  mailStoreContract,
  type ContractLimits,
  type MailStoresUnderTest,
} from '../../contracts/mail-store.ts';
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

    const make = async ({
      maxAgeMs,
      maxCount,
      maxTotalBytes,
      maxAllBytes = 100_000_000,
    }: ContractLimits & { maxAllBytes?: number }): Promise<MailStoresUnderTest> => {
      made += 1;
      const settings = natsSettings(nats.urls, {
        prefix: `mail-${made}`,
        mail: { maxAgeSec: maxAgeMs / 1_000, maxCount, maxBytes: maxTotalBytes, maxAllBytes },
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
    };
    mailStoreContract(make);

    test('what all hosts together may have is a limit too, also for a host that has none', async () => {
      const limits = { maxAgeMs: 60_000, maxCount: 10, maxTotalBytes: 100_000 };
      const { store, other, end } = await make({ ...limits, maxAllBytes: 30_000 });
      const leave = async (to: MailStore, n: number, bytes: number): Promise<string> =>
        await to
          .leave(`c${n}`.padEnd(22, '_') as ChannelId, {
            device: 'd'.repeat(22) as DeviceId,
            id: 'm'.repeat(22) as MailId,
            ...{ epoch: 1, atMs: Date.now(), sealed: new Uint8Array(bytes) },
          })
          .then(
            () => 'kept',
            (error: unknown) => (error instanceof MailRefused ? error.code : String(error)),
          );
      const codes = [
        await leave(store, 1, 20_000),
        await leave(other, 2, 20_000),
        await leave(other, 2, 5_000),
      ];
      await end();
      expect(codes).toEqual(['kept', 'full', 'kept']);
    });
  }
});
