import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startModelStub, type ModelStub } from '../../fakes/model-stub.ts';
import { HostUnderTest, newCommandId, text } from './host-under-test.ts';

const LIMIT_MS = 120_000;
const found = spawnSync('bwrap', [
  '--unshare-user',
  '--ro-bind',
  '/',
  '/',
  '--dev',
  '/dev',
  'true',
]);
if (found.status !== 0)
  process.stderr.write(`\nSKIPPED: bubblewrap does not work here: ${String(found.stderr)}\n\n`);

/** A real agent, kept in its folder by bubblewrap. */
export function sandboxSuite(agent: 'claude' | 'opencode'): void {
  describe.runIf(found.status === 0)(`${agent} in bubblewrap`, () => {
    process.env.PORCHLIGHT_AGENTS ??= join(homedir(), '.cache', 'porchlight', 'agents');
    const host = new HostUnderTest();
    const person = join(host.folder, 'person');
    const outside = join(homedir(), `.porchlight-${agent}-sandbox-${process.pid}`);
    let stub: ModelStub;

    beforeAll(async () => {
      mkdirSync(person);
      stub = await startModelStub();
      // As it is at home: its state below the person's own folder, which is only read otherwise.
      const { CLAUDE_CONFIG_DIR: _, ...env } = stub.envFor(agent, join(host.folder, 'agent'));
      host.writeConfig({
        agents: {
          [agent]: { env: { ...env, HOME: person, OUTSIDE: outside, HIDDEN: host.home.root } },
        },
        // Where the stub has put the agent's own settings, which no person has below /tmp.
        sandbox: { sessions: 'all', writable: [join(host.folder, 'agent')] },
      });
      await host.connect();
      const { agents } = await host.client.call('agents.list', {}, 30_000);
      if (agents.find((entry) => entry.id === agent)?.found !== true)
        await host.client.call('agents.install', { agent }, 600_000);
    }, 600_000);
    afterAll(async () => {
      rmSync(outside, { force: true });
      await host.stop();
      await stub.close();
    }, 90_000);

    test('writes in its folder, not beside it, sees nothing of Porchlight, and takes its conversation up again', async () => {
      const id = await host.start(agent, 'SCRIPT:beside');
      await host.allow(await host.approval(id, LIMIT_MS));
      expect((await host.turnEnded(id, 1, LIMIT_MS)).turn?.outcome).toBe('completed');
      const file = (name: string) => readFileSync(join(host.workspace, name), 'utf8');
      expect([file('in.txt'), existsSync(outside), file('seen.txt')]).toEqual(['in\n', false, '']);
      await host.client.call('session.stop', { sessionId: id, commandId: newCommandId() });
      await host.client.call(
        'session.send',
        { sessionId: id, commandId: newCommandId(), prompt: text('SCRIPT:recall') },
        LIMIT_MS,
      );
      await host.turnEnded(id, 2, LIMIT_MS);
      const events = await host.events(id);
      const starts = events.filter((event) => event.type === 'agent.started');
      expect(starts.map(({ loaded, sandbox }) => [loaded, sandbox])).toEqual([
        [false, 'bubblewrap'],
        [true, 'bubblewrap'],
      ]);
      // Its own state is on the disk, not in a folder that went with the sandbox.
      if (agent === 'claude') expect(existsSync(join(person, '.claude', 'projects'))).toBe(true);
    });
  });
}
