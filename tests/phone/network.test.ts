import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { eventually } from '../integration/support/host-under-test.ts';
import { killHard, runningProcesses } from '../integration/support/processes.ts';
import { different } from './support/different.ts';
import { withoutNetwork, type Phone } from './support/phone.ts';
import { PhoneStage } from './support/phone-stage.ts';

const BACK_LIMIT_MS = 40_000;

let stage: PhoneStage;
let phone: Phone;

beforeAll(async () => {
  stage = await PhoneStage.start();
  ({ phone } = await stage.pair('operator', 'Its phone'));
});
afterAll(async () => await stage?.stop());
afterEach(() => {
  stage.phones.network.mend();
  stage.phones.network.refusesWebSocket = false;
  expect(phone.complaints.splice(0)).toEqual([]);
});

const session = async (title: string, script?: string): Promise<SessionId> =>
  await stage.session(phone, title, script);

/** What the phone keeps is what the host has, event for event; pieces of one text may stand together. */
async function isSame(id: SessionId): Promise<void> {
  const told = await stage.host.events(id);
  const last = told.at(-1)?.seq;
  await eventually(
    async () => ((await phone.history(id)).at(-1)?.seq === last ? true : null),
    BACK_LIMIT_MS,
  );
  expect(different(await phone.history(id), told)).toBeNull();
}

/** The relay that the host of this home runs. */
async function relayPid(): Promise<number> {
  const { pid } = await stage.host.client.call('host.status', {});
  const found = runningProcesses().find(
    ({ command, parent }) => parent === pid && /relay/.test(command),
  );
  if (found === undefined) throw new Error('This host runs no relay.');
  return found.pid;
}

test('what is written without a network waits, says so, and is sent once when it is back', async () => {
  const id = await session('Offline');
  await withoutNetwork(phone, stage.phones.network, async () => {
    await phone.send('SCRIPT:recall');
    await phone.sees('Waits for the connection');
    await phone.sees('This phone has no network');
    await phone.screenshot('offline-outbox');
    expect((await stage.host.state(id)).turn).toBeNull();
  });
  await stage.host.turnEnded(id, 1, BACK_LIMIT_MS);
  await phone.page.locator('.outbox-item').first().waitFor({ state: 'detached' });
  const queued = (await stage.host.events(id)).filter(({ type }) => type === 'prompt.queued');
  expect(queued).toHaveLength(1);
  await isSame(id);
});

test('a stream that is cut in the middle of a message, again and again, is whole at the end', async () => {
  const id = await session('Cut', 'stream n=1500 rate=150');
  for (const bytes of [700, 2_500, 6_000]) {
    await phone.page.locator('#transcript').waitFor();
    stage.phones.network.cutAfter('down', bytes);
    await eventually(
      async () => (stage.phones.network.connections === 0 ? true : null),
      BACK_LIMIT_MS,
    );
    stage.phones.network.mend();
    await eventually(
      async () => (stage.phones.network.connections > 0 ? true : null),
      BACK_LIMIT_MS,
    );
  }
  stage.phones.network.goStill();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  stage.phones.network.mend();
  await stage.host.turnEnded(id, 1, BACK_LIMIT_MS);
  await isSame(id);
});

test('a page that is opened without a network shows the last state, and how old it is', async () => {
  await session('Kept', 'markdown');
  const id = await session('Kept too', 'markdown');
  await stage.host.turnEnded(id);
  await isSame(id);
  await phone.goHome();
  await phone.page.evaluate('navigator.serviceWorker.ready.then(() => null)');
  await withoutNetwork(phone, stage.phones.network, async () => {
    await phone.page.reload();
    await phone.sees('Kept too');
    await phone.sees(/Shown as it was|no network/);
    await phone.screenshot('offline-home');
    await phone.openSession('Kept too');
    await phone.sees(/Shown as it was/);
    await phone.screenshot('offline-session');
    await phone.back();
  });
  await phone.page.getByText('This phone has no network').waitFor({ state: 'detached' });
});

test('a network that goes still without a word is noticed while somebody looks, and said', async () => {
  const id = await session('Tunnel');
  stage.phones.network.goStill();
  // A question every 10 s, 5 s for its answer, and a moment before a word is worth it.
  await phone.page.locator('.link-banner').waitFor({ timeout: 20_000 });
  // By what the host was last heard, and not by when its silence was noticed.
  await phone.sees(/Shown as it was [1-3]\d s ago/);
  await phone.screenshot('tunnel');
  await stage.host.send(id, 'SCRIPT:recall');
  await stage.host.turnEnded(id);
  stage.phones.network.mend();
  await isSame(id);
  await phone.page.locator('.link-banner').waitFor({ state: 'detached' });
});

test('a relay that cannot be reached is named, not the computer; approvals wait', async () => {
  const id = await session('No relay', 'approve n=1');
  await phone.card().waitFor();
  stage.phones.network.cut();
  await phone.sees('The relay does not answer');
  await phone.sees('Sessions may well run on');
  await phone.screenshot('no-relay');
  expect(await phone.card().getByRole('button', { name: 'Allow', exact: true }).isEnabled()).toBe(
    false,
  );
  stage.phones.network.mend();
  await phone.decide('Allow');
  await stage.host.turnEnded(id, 1, BACK_LIMIT_MS);
  await isSame(id);
});

test('the relay is killed: phone and host are back by themselves', async () => {
  const id = await session('Relay gone');
  killHard(await relayPid());
  await stage.host.send(id, 'SCRIPT:recall');
  await stage.host.turnEnded(id, 1, BACK_LIMIT_MS);
  await isSame(id);
});

test('the host is killed in mid-stream: the phone is back by itself, with all of it', async () => {
  const id = await session('Host gone', 'stream n=600 rate=60');
  const { pid } = await stage.host.client.call('host.status', {});
  killHard(pid);
  await stage.host.connect();
  await stage.host.turnEnded(id, 1, BACK_LIMIT_MS);
  await isSame(id);
});

test('where WebSocket is blocked the phone goes on another way', async () => {
  const id = await session('Blocked');
  stage.phones.network.refusesWebSocket = true;
  stage.phones.network.cut();
  stage.phones.network.mend();
  await stage.host.send(id, 'SCRIPT:recall');
  await stage.host.turnEnded(id, 1, BACK_LIMIT_MS);
  await isSame(id);
  await phone.send('SCRIPT:recall');
  await stage.host.turnEnded(id, 2, BACK_LIMIT_MS);
  await isSame(id);
});

test('a machine that sleeps is said to be asleep, over a reload of the page, until it is back', async () => {
  await stage.host.client.call('power.machine', { event: 'suspend' });
  const asleep = /^Asleep since .*\d\d:\d\d/u;
  await phone.goHome();
  await phone.sees(asleep);
  await phone.page.reload();
  await phone.sees(asleep);
  // The host's own word was kept: the relay's alone would be said to be that.
  await phone.sees(/ went to sleep\. \w/u);
  await phone.screenshot('asleep');
  await stage.host.client.call('power.machine', { event: 'resume' });
  await phone.page.getByText(asleep).first().waitFor({ state: 'detached' });
  await phone.sees(/^Connected to/u);
});
