import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { dist, HostUnderTest, newCommandId } from './support/host-under-test.ts';

const demo = (...args: string[]) => ({
  command: process.execPath,
  args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20', ...args],
});
const host = new HostUnderTest({
  agents: { quick: demo(), forgetful: demo('--fault', 'no-load') },
});

beforeAll(async () => {
  await host.connect();
});
afterAll(async () => {
  await host.stop();
});

const goOn = async (id: SessionId) =>
  await host.client.call('session.continue', { sessionId: id, commandId: newCommandId() });
const notices = async (id: SessionId) =>
  (await host.events(id)).flatMap((event) => (event.type === 'notice' ? [event.text] : []));

test('an agent that dies with a tool running is loaded again and told what was cut', async () => {
  const id = await host.start('quick', 'SCRIPT:tool-dangling');
  expect((await host.turnEnded(id)).turn?.outcome).toBe('interrupted');
  expect((await host.state(id)).state).toBe('idle');
  await goOn(id);
  const { queue } = await host.until(id, ({ turn }) => turn?.turn === 2);
  expect(queue).toEqual([]);
  const asked = (await host.events(id)).findLast(({ type }) => type === 'prompt.queued');
  expect(asked).toMatchObject({
    ahead: true,
    prompt: [{ text: expect.stringMatching(/^Continue where you were interrupted\..*\n- \S/s) }],
  });
  expect(await notices(id)).toEqual([]);
});

test('one that cannot load starts anew with a summary, and the next prompt is done', async () => {
  const id = await host.start('forgetful', 'SCRIPT:stream n=3');
  await host.turnEnded(id);
  await host.send(id, 'SCRIPT:crash');
  expect((await host.turnEnded(id, 2)).turn?.outcome).toBe('interrupted');
  await host.send(id, 'SCRIPT:stream n=2');
  expect((await host.turnEnded(id, 3)).turn?.outcome).toBe('completed');
  expect((await notices(id)).at(-1)).toBe(
    'This agent cannot take up its earlier conversation. It starts anew with a summary of what was said.',
  );
});
