import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { startModelStub, type ModelStub, type StubbedAgent } from '../../fakes/model-stub.ts';
import { HostUnderTest } from './host-under-test.ts';

const INSTALL_LIMIT_MS = 600_000;
const STOP_LIMIT_MS = 90_000;

export interface RealAgent {
  readonly host: HostUnderTest;
  readonly stub: () => ModelStub;
  /** Writes the host's configuration: the agent against the scripted model, and `sessions`. */
  configure(sessions: object): void;
  /** How a turn ended, once it did. */
  outcome(id: SessionId, turn?: number): Promise<string | null | undefined>;
}

/** A host with one real agent, installed once into the shared cache, for the tests of the file that calls this. */
export function realAgent(
  agent: StubbedAgent,
  {
    sessions = {},
    turnLimitMs,
    before = () => {},
  }: {
    readonly sessions?: object;
    readonly turnLimitMs: number;
    /** While no host runs there yet. */
    before?(host: HostUnderTest): void;
  },
): RealAgent {
  process.env.PORCHLIGHT_AGENTS ??= join(homedir(), '.cache', 'porchlight', 'agents');
  const host = new HostUnderTest();
  let stub: ModelStub | undefined;
  const started = (): ModelStub => {
    if (stub === undefined) throw new Error('The scripted model starts with the first test.');
    return stub;
  };
  const configure = (given: object): void =>
    host.writeConfig({
      agents: { [agent]: { env: started().envFor(agent, join(host.folder, 'agent')) } },
      sessions: given,
    });

  beforeAll(async () => {
    stub = await startModelStub();
    configure(sessions);
    before(host);
    await host.connect();
    const { agents } = await host.client.call('agents.list', {}, 30_000);
    if (agents.find((entry) => entry.id === agent)?.found !== true)
      await host.client.call('agents.install', { agent }, INSTALL_LIMIT_MS);
  }, INSTALL_LIMIT_MS);
  afterAll(async () => {
    await host.stop();
    await stub?.close();
  }, STOP_LIMIT_MS);

  return {
    host,
    stub: started,
    configure,
    outcome: async (id, turn = 1) => (await host.turnEnded(id, turn, turnLimitMs)).turn?.outcome,
  };
}
