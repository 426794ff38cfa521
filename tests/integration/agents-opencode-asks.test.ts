import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AcpClient } from '../fakes/acp-client.ts';
import { startModelStub } from '../fakes/model-stub.ts';
import { ensureInstalled, makeScratch, realCatalogue } from './agents/scratch.ts';

const ALL = { '*': 'allow', edit: 'allow', bash: { '*': 'allow', 'printf *': 'allow' } };
/** What a person's own files may say; OpenCode itself writes the schema into them. */
const $schema = 'https://opencode.ai/config.json';
const OWN_FILES: Record<string, object> = {
  'no settings of their own': { $schema },
  'everything allowed in their project': {
    $schema,
    permission: ALL,
    agent: { build: { permission: ALL } },
  },
};

describe('real OpenCode, put into the mode ask by its process alone', { timeout: 120_000 }, () => {
  const undo: (() => Promise<void> | void)[] = [];

  beforeAll(async () => await ensureInstalled('opencode', process.env), 600_000);
  afterEach(async () => {
    for (const each of undo.splice(0).reverse()) await each();
  });

  it.each(Object.entries(OWN_FILES))(
    'asks for a file and for a command with %s',
    async (_, settings) => {
      const scratch = makeScratch();
      undo.push(scratch.remove);
      const stub = await startModelStub();
      undo.push(stub.close);
      const own = join(scratch.workspace, 'opencode.json');
      writeFileSync(own, JSON.stringify(settings));
      const env = stub.envFor('opencode', join(scratch.home, 'agent'));
      const launch = await realCatalogue(
        { ...process.env, HOME: scratch.home },
        { opencode: { env } },
      ).launch('opencode', 'ask');
      const client = new AcpClient(launch, scratch.workspace);
      undo.push(async () => await client.close());
      const asked: string[] = [];
      client.answer = (method, params) => {
        if (method !== 'session/request_permission') return undefined;
        asked.push((params as { toolCall: { kind: string } }).toolCall.kind);
        return { outcome: { outcome: 'selected', optionId: 'reject' } };
      };
      await client.initialize();
      const { sessionId } = await client.newSession(scratch.workspace);
      await client.prompt(sessionId, 'SCRIPT:edit');
      await client.prompt(sessionId, 'SCRIPT:shell');
      expect(asked).toEqual(['edit', 'execute']);
      expect(
        ['hello.txt', 'shell.txt'].filter((name) => existsSync(join(scratch.workspace, name))),
      ).toEqual([]);
      expect(JSON.parse(readFileSync(own, 'utf8'))).toEqual(settings);
    },
  );
});
