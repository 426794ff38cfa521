import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import type { StubbedAgent } from '../../fakes/model-stub.ts';
import { firstChoices } from './first-choices.ts';
import { eventually, isAlive, newCommandId } from './host-under-test.ts';
import { killHard, processesOfInstance } from './processes.ts';
import { realAgent } from './real-agent.ts';

export interface AgentTraits {
  readonly agent: StubbedAgent;
  /** session/load gives the agent its memory back. */
  readonly loads: boolean;
  /** Asks through an elicitation. */
  readonly asksQuestions: boolean;
  /** A mode besides `ask` that it can prove. */
  readonly otherMode: 'edits' | 'auto' | null;
  /** Whether it tells a rejected key within the time of a test (others retry for minutes). */
  readonly tellsSignIn: boolean;
  /** Leaves out what takes longest; `npm run test:agents` has it. */
  readonly isShort?: boolean;
}

const TURN_LIMIT_MS = 60_000;

/** What every real agent must do through the whole host, against a scripted model. */
export function agentSuite({
  agent,
  loads,
  asksQuestions,
  otherMode,
  tellsSignIn,
  isShort = false,
}: AgentTraits): void {
  const { host, stub, configure, outcome } = realAgent(agent, { turnLimitMs: TURN_LIMIT_MS });
  const file = (name: string) => join(host.workspace, name);
  const begin = async (script: string): Promise<SessionId> =>
    await host.start(agent, `SCRIPT:${script}`);
  const open = async (id: SessionId) => await host.approval(id, TURN_LIMIT_MS);
  const said = (events: readonly SessionEvent[]) =>
    events.flatMap((event) => (event.type === 'agent.text' ? [event.text] : [])).join('');

  describe(`${agent}, a real one`, () => {
    test('asks before it writes; allowed, it writes, and the host says what it became', async () => {
      const id = await begin('edit');
      const approval = await open(id);
      expect(existsSync(file('hello.txt'))).toBe(false);
      expect(await host.allow(approval)).toBe('decided');
      expect(await outcome(id)).toBe('completed');
      expect(readFileSync(file('hello.txt'), 'utf8')).toBe('Hello from the porch.\n');
      const events = await host.events(id);
      expect(said(events)).toContain('The file is written.');
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      expect((await host.state(id)).mode).toBe('ask');
    });

    test('denied, it does not run the command', async () => {
      const id = await begin('shell');
      expect(await host.allow(await open(id), false)).toBe('decided');
      await outcome(id);
      expect(existsSync(file('shell.txt'))).toBe(false);
    });

    test('stops in mid-stream when it is told to', async () => {
      const id = await begin('slow');
      await eventually(
        async () => (said(await host.events(id)).includes('word3') ? true : null),
        TURN_LIMIT_MS,
      );
      await host.client.call('session.cancel', { sessionId: id, commandId: newCommandId() });
      expect(await outcome(id)).toBe('cancelled');
      expect(said(await host.events(id))).not.toContain('word100');
    });

    test('a cancel with an approval open runs nothing, and a late answer is refused', async () => {
      const id = await begin('env');
      const approval = await open(id);
      await host.client.call('session.cancel', { sessionId: id, commandId: newCommandId() });
      expect(await outcome(id)).toBe('cancelled');
      expect(await host.allow(approval)).toBe('superseded');
      // Its shell would have needed a moment: the next turn is a fair wait.
      await host.send(id, 'SCRIPT:text');
      expect(await outcome(id, 2)).toBe('completed');
      expect(existsSync(file('env.txt'))).toBe(false);
    });

    test('the host is killed while an approval is open: answered afterwards, the tool runs once', async () => {
      const id = await begin('shell');
      const approval = await open(id);
      const { pid } = await host.client.call('host.status', {});
      process.kill(pid, 'SIGKILL');
      await eventually(async () => (isAlive(pid) ? null : true));
      await host.connect();
      expect(await host.allow(approval)).toBe('decided');
      expect(await outcome(id)).toBe('completed');
      expect(readFileSync(file('shell.txt'), 'utf8')).toBe('porch\n');
      const ends = (await host.events(id)).filter(
        (event) => event.type === 'tool.updated' && event.status === 'completed',
      );
      expect(ends).toHaveLength(1);
    });

    test('its process is killed in mid turn: interrupted, nothing of it is left, and it comes back', async () => {
      const id = await begin('slow');
      await eventually(
        async () => (said(await host.events(id)).includes('word2') ? true : null),
        TURN_LIMIT_MS,
      );
      const { instance } = await host.state(id);
      if (instance === null) throw new Error('no instance');
      const [adapter] = processesOfInstance(instance);
      if (adapter === undefined) throw new Error('no process carries the mark');
      killHard(adapter.pid);
      expect(await outcome(id)).toBe('interrupted');
      await eventually(async () => (processesOfInstance(instance).length === 0 ? true : null));
      await host.send(id, 'SCRIPT:text');
      expect(await outcome(id, 2)).toBe('completed');
      const events = await host.events(id);
      const restarted = events.filter((event) => event.type === 'agent.started').at(-1);
      expect(restarted).toMatchObject({ loaded: loads });
      if (loads) return;
      const notices = events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
      expect(notices.at(-1)).toContain('It starts anew with a summary of what was said.');
      // And the model has read it, ahead of the prompt.
      expect(JSON.stringify(stub().requests().slice(-5))).toContain(
        'The person asked: SCRIPT:slow',
      );
    });

    test('two sessions of one folder share a process', async () => {
      const [first, second] = [await begin('text'), await begin('text')];
      expect(await outcome(first)).toBe('completed');
      expect(await outcome(second)).toBe('completed');
      expect((await host.state(first)).instance).toBe((await host.state(second)).instance);
    });

    test('says that it is there; restarted in mid turn it comes back, and who shares its process keeps it', async () => {
      const [other, id] = [await begin('text'), await begin('slow')];
      expect(await outcome(other)).toBe('completed');
      await eventually(
        async () => (said(await host.events(id)).includes('word2') ? true : null),
        TURN_LIMIT_MS,
      );
      const { instance } = await host.state(other);
      expect((await host.state(id)).instance).toBe(instance);
      const { reach } = await host.client.call('reach.probe', {});
      const row = (of: SessionId) => reach.sessions.find((each) => each.id === of);
      expect([row(other), row(id)]).toMatchObject([
        { pulse: { pulse: 'idle' }, ms: expect.any(Number) as number },
        { pulse: { pulse: 'working' }, ms: expect.any(Number) as number },
      ]);

      const commandId = newCommandId();
      await host.client.call('session.restart', { sessionId: id, commandId }, TURN_LIMIT_MS);
      expect(await outcome(id)).toBe('interrupted');
      await host.send(other, 'SCRIPT:text');
      expect(await outcome(other, 2)).toBe('completed');
      expect((await host.state(other)).instance).toBe(instance);
      await host.send(id, 'SCRIPT:text');
      expect(await outcome(id, 2)).toBe('completed');
    });

    test.skipIf(isShort)(
      'two sessions in worktrees of one repository share a process, which outlives the first worktree',
      async () => {
        const repository = join(host.folder, 'repository');
        const git = (...args: string[]) => execFileSync('git', ['-C', repository, ...args]);
        execFileSync('git', ['init', '-q', repository]);
        git(
          '-c',
          'user.name=a',
          '-c',
          'user.email=a@b.c',
          'commit',
          '-q',
          '--allow-empty',
          '-m',
          'a',
        );
        const start = async () =>
          await host.client.call(
            'session.start',
            { commandId: newCommandId(), agent, cwd: repository, isolate: 'worktree' },
            90_000,
          );
        const [first, second] = [await start(), await start()];
        const instances = [first, second].map(
          async ({ sessionId }) => (await host.state(sessionId)).instance,
        );
        expect(await instances[0]).toBe(await instances[1]);
        for (const [turn, { sessionId, cwd }] of [first, second, second].entries()) {
          await host.send(sessionId, 'SCRIPT:shell');
          await host.allow(await open(sessionId));
          expect(await outcome(sessionId, turn === 2 ? 2 : 1)).toBe('completed');
          expect(read(join(cwd, 'shell.txt'))).toBe('porch\n');
          rmSync(join(cwd, 'shell.txt'));
          if (turn > 0) continue;
          const removal = { sessionId, commandId: newCommandId(), force: true };
          await host.client.call('session.discard', removal, 90_000);
          expect(existsSync(cwd)).toBe(false);
        }
        expect(await instances[1]).toBe((await host.state(second.sessionId)).instance);
        expect(read(join(repository, 'shell.txt'))).toBe('');
      },
      120_000,
    );

    test.runIf(loads && !isShort)(
      'idle, it is put to rest; the next prompt finds its conversation, mode and model again',
      async () => {
        const id = await begin('text');
        await outcome(id);
        const commandId = newCommandId;
        if (otherMode !== null)
          await host.client.call('session.setMode', {
            sessionId: id,
            commandId: commandId(),
            mode: otherMode,
            raise: true,
          });
        const model = (await host.state(id)).options.find((option) => option.id === 'model');
        const provider = String(model?.current).split('/').slice(0, -1).join('/');
        // One that the scripted model stands for, too.
        const other = model?.values.find(
          ({ value }) => value !== model.current && value.startsWith(provider),
        )?.value;
        if (other !== undefined) {
          const option = { option: 'model', value: other };
          await host.client.call('session.setOption', {
            ...{ sessionId: id, commandId: commandId() },
            ...option,
          });
          await host.until(id, ({ options }) =>
            options.some((each) => each.id === 'model' && each.current === other),
          );
        }
        const before = await host.state(id);
        configure({ hibernateAfterMinutes: 0.01 });
        await host.until(id, ({ instance }) => instance === null, TURN_LIMIT_MS);
        expect(processesOfInstance(before.instance ?? 'none')).toEqual([]);
        configure({});
        await host.send(id, 'SCRIPT:text');
        expect(await outcome(id, 2)).toBe('completed');
        const after = await host.state(id);
        const events = await host.events(id);
        expect([after.mode, after.agentSession, after.options]).toEqual([
          before.mode,
          before.agentSession,
          before.options,
        ]);
        const restarted = events.filter((event) => event.type === 'agent.started').at(-1);
        expect(restarted).toMatchObject({ loaded: true });
        // All of it was said to the first process, and nothing by the second.
        expect(said(events).match(/Hello from the scripted model/g)).toHaveLength(2);
      },
      4 * TURN_LIMIT_MS,
    );

    test.runIf(loads)(
      'what its tool left running keeps it awake, until that ends',
      async () => {
        const id = await begin('serve');
        await host.allow(await open(id));
        expect(await outcome(id)).toBe('completed');
        const { instance } = await host.state(id);
        const server = await eventually(async () => Number(read(file('serve.pid'))) || null);
        const other = await host.start('demo');
        configure({ hibernateAfterMinutes: 0.01 });
        // It has been idle for less: when it is put to rest, the first one's time is over as well.
        await host.until(other, (state) => state.instance === null, TURN_LIMIT_MS);
        expect([isAlive(server), (await host.state(id)).instance]).toEqual([true, instance]);
        process.kill(server, 'SIGKILL');
        await host.until(id, (state) => state.instance === null, TURN_LIMIT_MS);
        configure({});
      },
      4 * TURN_LIMIT_MS,
    );

    test.runIf(otherMode !== null)('takes another mode, and shows it', async () => {
      const id = await host.start(agent);
      const mode = otherMode ?? 'ask';
      const changed = await host.client.call('session.setMode', {
        sessionId: id,
        commandId: newCommandId(),
        mode,
        raise: true,
      });
      expect(changed.mode).toBe(mode);
      expect((await host.state(id)).mode).toBe(mode);
    });

    test.runIf(asksQuestions)('asks a question, and takes the answer', async () => {
      const id = await begin('question');
      const approval = await open(id);
      expect(approval.kind).toBe('question');
      const answer = { content: firstChoices(approval.call.input) };
      const decided = await host.client.call('approval.answer', {
        commandId: newCommandId(),
        approvalId: approval.id,
        hash: approval.hash,
        answer,
      });
      expect(decided.outcome).toBe('decided');
      expect(await outcome(id)).toBe('completed');
      expect(said(await host.events(id))).toContain('Thank you for the answer.');
    });

    test.runIf(tellsSignIn)(
      'a key that is not accepted is said to be a matter of signing in',
      async () => {
        const id = await begin('error401');
        await host.turnEnded(id, 1, TURN_LIMIT_MS);
        expect((await host.state(id)).problem).toMatchObject({ kind: 'signIn' });
      },
    );
  });
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
