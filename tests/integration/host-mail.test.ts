import { afterEach, beforeEach, expect, test } from 'vitest';
import { RpcFailure } from '../../src/protocol/errors.ts';
import { sessionIdSchema } from '../../src/protocol/ids.ts';
import { newCommandId, text } from './support/host-under-test.ts';
import { MailStage, saidByPhone } from './support/mail-stage.ts';
import { killHard } from './support/processes.ts';

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

test('a signed decision counts for the call that still waits when the host is back', async () => {
  const { host } = stage;
  await host.connect();
  const sessionId = await host.start('demo', 'go on');
  const approval = await host.approval(sessionId);
  const { pid, keeperPid } = await host.client.call('host.status', {});
  // The agent and its question live on; nobody starts a host.
  killHard(keeperPid, 'SIGSTOP');
  killHard(pid);
  await stage.hostIsGone();
  const page = await stage.openPage();
  const decision = { commandId: newCommandId(), choice: { allow: true } };
  await page.outbox.send('approval.decide', await page.signer.decide(approval, decision));
  await stage.closeWhenLeft(page);
  killHard(keeperPid, 'SIGCONT');
  await stage.emptied();
  await host.connect();
  const decided = (await host.events(sessionId)).flatMap((event) =>
    event.type === 'approval.decided' ? [[event.by, event.allowed]] : [],
  );
  const back = await stage.openPage();
  await back.until(() => (back.outbox.entries.length === 0 ? true : null));
  expect(decided).toEqual([['device:Pixel', true]]);
}, 60_000);
