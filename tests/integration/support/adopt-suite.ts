import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import { startModelStub, type ModelStub } from '../../fakes/model-stub.ts';
import { eventually, HostUnderTest, newCommandId } from './host-under-test.ts';

const LIMIT_MS = 90_000;
const FIRST = 'SCRIPT:edit and remember the blue door';

interface InTerminal {
  readonly agent: 'claude' | 'opencode';
  /** Below the agents folder. */
  readonly program: string;
  /** One prompt to its end, without questions. */
  once(prompt: string): string[];
  again(conversation: string): string[];
  /** It writes down which conversation it has open. */
  readonly saysWhich: boolean;
  /** What a person has answered when the program came up for the first time. */
  prepare?(folder: string, workspace: string): void;
}

const AGENTS: Record<InTerminal['agent'], InTerminal> = {
  claude: {
    agent: 'claude',
    program: 'claude/node_modules/@anthropic-ai/claude-agent-sdk-linux-x64/claude',
    once: (prompt) => ['-p', prompt, '--permission-mode', 'acceptEdits'],
    again: (conversation) => ['--resume', conversation],
    saysWhich: true,
    prepare: (folder, workspace) => {
      const config = join(folder, 'claude');
      mkdirSync(config, { recursive: true });
      const answers = {
        hasCompletedOnboarding: true,
        projects: { [workspace]: { hasTrustDialogAccepted: true } },
        customApiKeyResponses: { approved: ['sk-ant-stub-000'], rejected: [] },
      };
      writeFileSync(join(config, '.claude.json'), JSON.stringify(answers));
    },
  },
  opencode: {
    agent: 'opencode',
    program: 'opencode/node_modules/opencode-linux-x64/bin/opencode',
    once: (prompt) => ['run', prompt],
    again: (conversation) => ['--session', conversation],
    saysWhich: false,
  },
};

/** A real agent's conversation, begun without us and continued here. */
export function adoptSuite(agent: InTerminal['agent']): void {
  const terminal = AGENTS[agent];
  describe(`a conversation of a real ${agent} in a plain terminal`, () => {
    const host = new HostUnderTest();
    const workspace = realpathSync(host.workspace);
    const folder = join(host.folder, 'agent');
    const agentsFolder = join(homedir(), '.cache', 'porchlight', 'agents');
    let stub: ModelStub;
    let env: Record<string, string>;
    let conversation = '';
    let id: SessionId;
    let open: ChildProcess | null = null;

    const program = join(process.env.PORCHLIGHT_AGENTS ?? agentsFolder, terminal.program);
    const ownEnv = () => ({ PATH: process.env.PATH ?? '', HOME: homedir(), TERM: 'xterm', ...env });
    const list = async () =>
      (await host.client.call('agents.conversations', { agent, cwd: workspace }, LIMIT_MS))
        .conversations;
    const adopt = async (share = false) =>
      await host.client.call(
        'session.adopt',
        { commandId: newCommandId(), agent, agentSession: conversation, share },
        LIMIT_MS,
      );
    const said = (events: readonly SessionEvent[]) =>
      events.flatMap((event) => (event.type === 'agent.text' ? [event.text] : [])).join('');

    beforeAll(async () => {
      process.env.PORCHLIGHT_AGENTS ??= agentsFolder;
      stub = await startModelStub();
      env = stub.envFor(agent, folder);
      terminal.prepare?.(folder, workspace);
      host.writeConfig({ agents: { [agent]: { env } } });
      await host.connect();
      const { agents: known } = await host.client.call('agents.list', {}, 30_000);
      if (known.find((entry) => entry.id === agent)?.found !== true)
        await host.client.call('agents.install', { agent }, 600_000);
      const child = spawn(program, terminal.once(FIRST), {
        cwd: workspace,
        env: ownEnv(),
        stdio: 'ignore',
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      expect(code).toBe(0);
      expect(existsSync(join(workspace, 'hello.txt'))).toBe(true);
    }, 700_000);
    afterAll(async () => {
      open?.kill('SIGKILL');
      await host.stop();
      await stub.close();
    }, LIMIT_MS);

    test('is listed, with its folder', async () => {
      const all = await list();
      expect(all.map(({ cwd, sessionId }) => ({ cwd, sessionId }))).toEqual([
        { cwd: workspace, sessionId: null },
      ]);
      conversation = all[0]?.agentSession ?? '';
    });

    test(
      'is refused while it is open there, with the process that has it',
      async () => {
        const line = [program, ...terminal.again(conversation)]
          .map((word) => `'${word}'`)
          .join(' ');
        // A terminal of its own, as a person has.
        open = spawn('script', ['-qfec', line, '/dev/null'], {
          cwd: workspace,
          env: ownEnv(),
          stdio: ['pipe', 'pipe', 'ignore'],
        });
        open.stdout?.resume();
        const pid = await eventually(async () => running(program, conversation), LIMIT_MS);
        const refusal = await eventually(async () => {
          const message = await adopt().then(
            ({ sessionId }) => `adopted as ${sessionId}`,
            (error: Error) => error.message,
          );
          return message.includes(terminal.saysWhich ? 'is still open' : 'may have')
            ? message
            : null;
        }, LIMIT_MS);
        expect(refusal).toContain(`process ${pid}`);
        expect(refusal).toContain('Close it there (type /exit)');
        const exited = once(open, 'exit');
        process.kill(pid, 'SIGTERM');
        await exited;
        open = null;
      },
      LIMIT_MS,
    );

    test(
      'becomes a session with its history, once',
      async () => {
        id = (await adopt()).sessionId;
        const events = await host.events(id);
        const told = events.flatMap((event): object[] => {
          if (event.type === 'user.text') return [{ user: event.text.includes(FIRST) }];
          if (event.type === 'agent.text') return [{ agent: event.text.trim() }];
          if (event.type === 'tool.updated') return [{ tool: event.status }];
          return event.type === 'notice' ? [{ notice: event.text.slice(0, 14) }] : [];
        });
        expect(told).toEqual([
          { user: true },
          { agent: 'I write the file.' },
          { tool: 'completed' },
          { agent: 'The file is written.' },
          { notice: 'Continued from' },
        ]);
        expect(await host.state(id)).toMatchObject({ state: 'idle', mode: 'ask', cwd: workspace });
        expect((await list()).map(({ sessionId }) => sessionId)).toEqual([id]);
        await expect(adopt(true)).rejects.toThrow(id);
      },
      LIMIT_MS,
    );

    test(
      'goes on as the same conversation: the agent remembers, and asks',
      async () => {
        await host.send(id, 'SCRIPT:shell');
        const approval = await host.approval(id, LIMIT_MS);
        expect(await host.allow(approval)).toBe('decided');
        await host.turnEnded(id, 1, LIMIT_MS);
        expect(said(await host.events(id))).toContain('The command ran.');
        await host.send(id, 'SCRIPT:recall');
        await host.turnEnded(id, 2, LIMIT_MS);
        expect(said(await host.events(id))).toContain('remember the blue door');
        const [only, ...more] = await list();
        expect({ only: only?.agentSession, more }).toEqual({ only: conversation, more: [] });
      },
      LIMIT_MS,
    );
  });
}

/** The process that runs the program with this among its arguments. */
function running(program: string, argument: string): number | null {
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (args[0] === program && args.includes(argument)) return Number(name);
    } catch {
      continue;
    }
  }
  return null;
}
