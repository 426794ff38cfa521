import { afterAll, beforeAll, expect, test } from 'vitest';
import { hide } from '../phone/support/phone.ts';
import { PhoneStage } from '../phone/support/phone-stage.ts';

// Here because it takes its time: a minute and a bit of it, by the real clock.
const WATCHED_MS = 70_000;

let stage: PhoneStage;

beforeAll(async () => {
  stage = await PhoneStage.start();
});
afterAll(async () => await stage?.stop());

test('a page that nobody looks at costs no more than one message a minute each way', async () => {
  const { phone } = await stage.pair('operator');
  await stage.session(phone, 'Quiet');
  await hide(phone);
  const { network } = stage.phones;
  // What was on its way when the page went out of sight.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const before = { ...network.frames };
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  const said = { up: network.frames.up - before.up, down: network.frames.down - before.down };
  expect(said.up).toBeLessThanOrEqual(1);
  expect(said.down).toBeLessThanOrEqual(1);
  // The relay keeps the socket open by itself, with frames that wake no page.
  expect(network.connections).toBeGreaterThan(0);
  expect(network.frames.control - before.control).toBeLessThanOrEqual(8);
});
