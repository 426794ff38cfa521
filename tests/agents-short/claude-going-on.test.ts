import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { startModelFault, type ModelFault } from '../fakes/model-fault.ts';
import { startModelStub, type ModelStub } from '../fakes/model-stub.ts';
import { eventually, HostUnderTest, newCommandId } from '../integration/support/host-under-test.ts';

/** The real Claude Code, whose way to the model breaks, and what the host makes of it. */
process.env.PORCHLIGHT_AGENTS ??= join(homedir(), '.cache', 'porchlight', 'agents');
const host = new HostUnderTest();
const TURN_LIMIT_MS = 60_000;
let stub: ModelStub;
let way: ModelFault;

beforeAll(async () => {
  stub = await startModelStub();
  way = await startModelFault(stub.url);
  const { ANTHROPIC_API_KEY: _, ...env } = stub.envFor('claude', join(host.folder, 'agent'));
  // Of a subscription, which is told when its limit is over; the token is made up.
  const account = { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-stub', ANTHROPIC_BASE_URL: way.url };
  host.writeConfig({ agents: { claude: { env: { ...env, ...account, TZ: 'UTC' } } } });
  await host.connect();
}, 600_000);
afterEach(() => {
  way.fault = { kind: 'none' };
});
afterAll(async () => {
  await host.stop();
  await way.close();
  await stub.close();
}, TURN_LIMIT_MS);

const limit = { timeout: 3 * TURN_LIMIT_MS };
const parked = async (id: SessionId) =>
  await eventually(async () => (await host.state(id)).parked, TURN_LIMIT_MS);
const prompts = async (id: SessionId) =>
  (await host.events(id)).flatMap((event) =>
    event.type === 'prompt.queued'
      ? [event.prompt.map((part) => (part.type === 'text' ? part.text : '')).join('')]
      : [],
  );

test('a server that fails before the first word: the same prompt again, once', limit, async () => {
  way.fault = { kind: 'status', status: 500 };
  const id = await host.start('claude', 'SCRIPT:text');
  expect((await host.turnEnded(id, 1, TURN_LIMIT_MS)).turn?.outcome).toBe('failed');
  expect((await host.state(id)).problem?.kind).toBe('network');
  way.fault = { kind: 'none' };
  expect((await host.turnEnded(id, 2, TURN_LIMIT_MS)).turn?.outcome).toBe('completed');
  expect(await prompts(id)).toEqual(['SCRIPT:text', 'SCRIPT:text']);
});

test('a way that breaks in mid stream: it is told to continue', limit, async () => {
  const id = await host.start('claude', 'SCRIPT:slow');
  await eventually(
    async () => ((await host.events(id)).some(({ type }) => type === 'agent.text') ? true : null),
    TURN_LIMIT_MS,
  );
  way.fault = { kind: 'cut', afterBytes: 0 };
  expect((await host.turnEnded(id, 1, TURN_LIMIT_MS)).turn?.outcome).toBe('failed');
  expect((await parked(id)).attempt).toBe(1);
  way.fault = { kind: 'none' };
  expect((await host.turnEnded(id, 2, TURN_LIMIT_MS)).turn?.outcome).toBe('completed');
  expect(await prompts(id)).toEqual(['SCRIPT:slow', 'Continue where you were interrupted.']);
  expect((await host.state(id)).autoContinues).toBe(0);
});

test('a limit with its end: parked until then; told to, it goes on at once', limit, async () => {
  const resetsMs = Date.now() + 2 * 3_600_000;
  const claim = { status: 'rejected', reset: String(Math.round(resetsMs / 1_000)) };
  way.fault = {
    kind: 'status',
    status: 429,
    headers: {
      'anthropic-ratelimit-unified-status': claim.status,
      'anthropic-ratelimit-unified-reset': claim.reset,
      'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    },
  };
  const id = await host.start('claude', 'SCRIPT:text');
  const { until, attempt } = await parked(id);
  expect(attempt).toBe(1);
  // Claude tells the minute; we add half a minute at most.
  expect(Math.abs(Date.parse(until) - resetsMs)).toBeLessThan(90_000);
  way.fault = { kind: 'none' };
  await host.client.call(
    'session.resume',
    { sessionId: id, commandId: newCommandId() },
    TURN_LIMIT_MS,
  );
  expect((await host.turnEnded(id, 2, TURN_LIMIT_MS)).turn?.outcome).toBe('completed');
  expect(await prompts(id)).toEqual(['SCRIPT:text', 'SCRIPT:text']);
  expect((await host.state(id)).parked).toBeNull();
});
