import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from './support/host-under-test.ts';
import { MailStage, saidByPhone } from './support/mail-stage.ts';
import { killHard, runningProcesses } from './support/processes.ts';

let stage: MailStage;
beforeEach(async () => void (stage = await MailStage.set()), 30_000);
afterEach(async () => await stage.end(), 60_000);

const hostPid = (): number | null =>
  runningProcesses().find(
    ({ home, command }) => home === stage.host.home.root && command.includes('host/main.js'),
  )?.pid ?? null;

test('a host that is killed again and again while it takes mail does each once', async () => {
  const { host, store, relay } = stage;
  await host.connect();
  const sessionId = await host.start('demo');
  await stage.killAll();
  const words = Array.from({ length: 12 }, (_, at) => `number ${at}`);
  await stage.leave(...words.map((each) => [sessionId, each] as const));
  const handed = (): number => relay.relay.mail?.counts.handed ?? 0;
  await host.connect();
  let killed = 0;
  for (const afterMs of [0, 10]) {
    const before = handed();
    await eventually(async () => (store.all.length === 0 || handed() > before ? true : null));
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const pid = hostPid();
    if (pid !== null && killHard(pid)) killed += 1;
    await stage.hostIsGone();
  }
  await stage.emptied();
  await host.connect();
  // The phone would send what was not done.
  const withoutPhone = await stage.prompts(sessionId);
  const page = await stage.openPage();
  await page.until(() => (page.outbox.entries.length === 0 ? true : null));
  expect({ killed, withoutPhone, prompts: await stage.prompts(sessionId) }).toEqual({
    killed: 2,
    withoutPhone: saidByPhone(...words),
    prompts: saidByPhone(...words),
  });
}, 60_000);
