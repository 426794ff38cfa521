import { afterEach, beforeEach, expect, test } from 'vitest';
import { RpcFailure } from '../../src/protocol/errors.ts';
import { sessionIdSchema } from '../../src/protocol/ids.ts';
import { text } from './support/host-under-test.ts';
import { MailStage, saidByPhone } from './support/mail-stage.ts';

let stage: MailStage;
beforeEach(async () => void (stage = await MailStage.set()), 30_000);
afterEach(async () => await stage.end(), 60_000);

test('what was left while the host was away is done once, without the phone; it hears the answers later', async () => {
  const { host, store, outbox } = stage;
  await host.connect();
  const sessionId = await host.start('demo');
  await stage.killAll();
  const gone = sessionIdSchema.parse('s_zzzzzzzzzzzz');
  await stage.leave([sessionId, 'one'], [gone, 'to nobody'], [sessionId, 'two']);
  await host.connect();
  await stage.emptied();
  expect(await stage.prompts(sessionId)).toEqual(saidByPhone('one', 'two'));

  // A relay that hands over again what it once recorded has nothing done again.
  for (const [channel, mail] of [...store.recorded]) await store.leave(channel, mail);
  await stage.killAll();
  await host.connect();
  await stage.emptied();

  const page = await stage.openPage();
  const entry = await page.until(() => {
    const [first, second] = page.outbox.entries;
    return second === undefined && first?.state === 'refused' ? first : null;
  });
  // The session may be there by now, and others may have followed: refused is refused.
  const { commandId } = entry;
  const again = { sessionId, commandId, prompt: text('under the same id') };
  await expect(page.call('session.send', again)).rejects.toThrow(RpcFailure);
  expect({
    refused: entry.refused,
    kept: (await outbox.all()).length,
    prompts: await stage.prompts(sessionId),
  }).toEqual({
    refused: expect.stringMatching(/no session s_zzzzzzzzzzzz/),
    kept: 1,
    prompts: saidByPhone('one', 'two'),
  });
}, 60_000);
