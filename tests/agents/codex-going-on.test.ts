import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startModelFault, type ModelFault } from '../fakes/model-fault.ts';
import { startModelStub, type ModelStub } from '../fakes/model-stub.ts';
import { HostUnderTest } from '../integration/support/host-under-test.ts';

/** The real Codex, which ends a turn that failed as if it had gone well. */
process.env.PORCHLIGHT_AGENTS ??= join(homedir(), '.cache', 'porchlight', 'agents');
const host = new HostUnderTest();
const TURN_LIMIT_MS = 90_000;
let stub: ModelStub;
let way: ModelFault;

beforeAll(async () => {
  stub = await startModelStub();
  way = await startModelFault(stub.url);
  const env = stub.envFor('codex', join(host.folder, 'agent'));
  const config = join(host.folder, 'agent', 'codex', 'config.toml');
  writeFileSync(config, readFileSync(config, 'utf8').replaceAll(stub.url, way.url));
  host.writeConfig({ agents: { codex: { env } } });
  await host.connect();
}, 600_000);
afterAll(async () => {
  await host.stop();
  await way.close();
  await stub.close();
}, TURN_LIMIT_MS);

test('a way to the model that broke, in spite of its own tries: once more', async () => {
  way.fault = { kind: 'cut', afterBytes: 0 };
  const id = await host.start('codex', 'SCRIPT:text');
  const { turn, problem } = await host.turnEnded(id, 1, TURN_LIMIT_MS);
  expect([turn?.outcome, problem?.kind]).toEqual(['failed', 'network']);
  way.fault = { kind: 'none' };
  expect((await host.turnEnded(id, 2, TURN_LIMIT_MS)).turn?.outcome).toBe('completed');
}, 200_000);
