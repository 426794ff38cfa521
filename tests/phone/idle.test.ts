import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hide } from './support/phone.ts';
import { PhoneStage } from './support/phone-stage.ts';

const MINUTES = 10;
const QUIET_MS = 400;

let stage: PhoneStage;

beforeAll(async () => {
  stage = await PhoneStage.start();
});
afterAll(async () => await stage?.stop());

async function framesWithin(ms: number): Promise<number> {
  const { network } = stage.phones;
  const before = network.frames.up + network.frames.down;
  await delay(ms);
  return network.frames.up + network.frames.down - before;
}

test('a page that nobody looks at says no more than one message a minute, over many minutes of its clock', async () => {
  const { phone } = await stage.pair('operator');
  await stage.host.start('demo');
  await phone.page.clock.install();
  await phone.page.reload();
  await phone.sees('just now');
  const { network } = stage.phones;
  // Looked at, it asks: else this would count nothing.
  const { up: before } = network.frames;
  await phone.page.clock.runFor(60_000);
  await expect.poll(() => network.frames.up).toBeGreaterThan(before);
  await hide(phone);
  // Answers to what it asked while it was looked at may still be on their way.
  await expect.poll(async () => await framesWithin(QUIET_MS)).toBe(0);
  const { up, down } = network.frames;
  for (let minute = 0; minute < MINUTES; minute += 1) await phone.page.clock.runFor(60_000);
  expect(network.frames.up - up).toBeLessThanOrEqual(MINUTES);
  expect(network.frames.down - down).toBeLessThanOrEqual(MINUTES);
});
