import { afterEach, beforeEach, expect, test } from 'vitest';
import { newCommandId } from './support/host-under-test.ts';
import { MailStage } from './support/mail-stage.ts';
import { killHard } from './support/processes.ts';

let stage: MailStage;
beforeEach(async () => void (stage = await MailStage.set()), 30_000);
afterEach(async () => await stage.end(), 60_000);

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
