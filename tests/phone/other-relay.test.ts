import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../build/compile.mjs';
import { dist } from '../../build/programs.mjs';
import { eventually } from '../integration/support/host-under-test.ts';
import { relayProgram } from '../support/relay-under-test.ts';
import { different } from './support/different.ts';
import type { Phone } from './support/phone.ts';
import { PhoneStage } from './support/phone-stage.ts';

const BACK_LIMIT_MS = 40_000;

let relay: Awaited<ReturnType<typeof relayProgram>>;
let stage: PhoneStage;
let phone: Phone;

beforeAll(async () => {
  await compile(['relay', 'phone']);
  relay = await relayProgram(['--serve', join(dist, 'renderer', 'phone')]);
  stage = await PhoneStage.start({ relay: { url: relay.url }, devices: { hostName: 'porch' } });
});
afterAll(async () => {
  await stage?.stop();
  await relay?.stop();
});

test('where WebSocket is blocked a phone can be paired all the same', async () => {
  const { url } = await stage.offer();
  expect(url.startsWith(relay.url)).toBe(true);
  await stage.phones.before(url);
  stage.phones.network.refusesWebSocket = true;
  ({ phone } = await stage.pair('operator', 'Its phone'));
  expect(stage.phones.network.frames).toEqual({ up: 0, down: 0, control: 0 });
  stage.phones.network.refusesWebSocket = false;
});

test('a computer that is off is said to be away; what is written waits until it is back', async () => {
  const id = await stage.session(phone, 'Away');
  await stage.host.client.call('host.stop', { all: true });
  await phone.sees('porch is away');
  await phone.screenshot('host-away');
  await phone.send('SCRIPT:recall');
  await phone.sees('Waits for the connection');
  await stage.host.connect();
  await stage.host.turnEnded(id, 1, BACK_LIMIT_MS);
  await phone.page.getByText('porch is away').waitFor({ state: 'detached' });
  const told = await stage.host.events(id);
  await eventually(
    async () => ((await phone.history(id)).at(-1)?.seq === told.at(-1)?.seq ? true : null),
    BACK_LIMIT_MS,
  );
  expect(different(await phone.history(id), told)).toBeNull();
  expect(told.filter(({ type }) => type === 'prompt.queued')).toHaveLength(1);
  expect(stage.phones.complaints()).toEqual([]);
});
