import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startKeeper } from '../../../src/local/ensure-host.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { StubbedAgent } from '../../fakes/model-stub.ts';
import { dist, eventually, newCommandId } from './host-under-test.ts';
import { isRunning, killHard, processesOfInstance, type RunningProcess } from './processes.ts';
import { realAgent } from './real-agent.ts';

export interface CrashTraits {
  readonly agent: StubbedAgent;
  /** session/load gives the agent its memory back. */
  readonly loads: boolean;
  /** The program that does the work behind the adapter, by its command line; null where there is none. */
  readonly ownBinary: RegExp | null;
  /** It notices that the shell of a command was killed; else it waits, and has to be cancelled. */
  readonly hearsOfShell: boolean;
}

const TURN_LIMIT_MS = 90_000;
const GONE_LIMIT_MS = 30_000;
const WORD = 'lantern-and-match';

/** Rows of the crash matrix that want the real thing: what the agent has of its own, and its memory. */
export function agentCrashSuite({ agent, loads, ownBinary, hearsOfShell }: CrashTraits): void {
  const { host, outcome } = realAgent(agent, {
    sessions: { afterInterruption: 'offer' },
    turnLimitMs: TURN_LIMIT_MS,
  });
  const processes = async (id: SessionId): Promise<RunningProcess[]> => {
    const { instance } = await host.state(id);
    return instance === null ? [] : processesOfInstance(instance);
  };
  const areGone = async (before: readonly RunningProcess[]) =>
    await eventually(async () => (before.some(isRunning) ? null : true), GONE_LIMIT_MS);
  /** A session that has been told a word, and does what the script says. */
  const begin = async (script: string): Promise<SessionId> => {
    const id = await host.start(agent, `SCRIPT:text The word is ${WORD}.`);
    expect(await outcome(id)).toBe('completed');
    await host.send(id, `SCRIPT:${script}`);
    return id;
  };
  const streams = async (id: SessionId): Promise<void> => {
    await eventually(async () => {
      const events = await host.events(id);
      const said = events.flatMap((event) => (event.type === 'agent.text' ? [event.text] : []));
      return said.join('').includes('word2') ? true : null;
    }, TURN_LIMIT_MS);
  };
  /** The next prompt is answered, by an agent that knows what was said before. */
  const comesBack = async (id: SessionId, turn: number): Promise<void> => {
    await host.send(id, 'SCRIPT:recall');
    expect(await outcome(id, turn)).toBe('completed');
    const events = await host.events(id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.findLast(({ type }) => type === 'agent.started')).toMatchObject({
      loaded: loads,
    });
    const started = events.findLastIndex(({ type }) => type === 'turn.started');
    const said = events
      .slice(started)
      .flatMap((event) => (event.type === 'agent.text' ? [event.text] : []))
      .join('');
    if (loads) expect(said).toContain(WORD);
  };
  const untilServed = async (before: number): Promise<void> => {
    await eventually(async () => {
      // One that is about to die may still take us.
      const status = await host
        .connect()
        .then(async (client) => await client.call('host.status', {}))
        .catch(() => null);
      return status === null || status.pid === before ? null : true;
    }, GONE_LIMIT_MS);
  };

  describe(`${agent}, a real one, when something dies`, () => {
    test('the keeper, with an approval open: interrupted, nothing is left or run, and it remembers', async () => {
      const id = await begin('shell');
      const approval = await host.approval(id, TURN_LIMIT_MS);
      const before = await processes(id);
      const { pid, keeperPid } = await host.client.call('host.status', {});
      killHard(keeperPid);
      await untilServed(pid);
      expect(await outcome(id, 2)).toBe('interrupted');
      await areGone(before);
      expect(await host.allow(approval)).toBe('superseded');
      expect(existsSync(join(host.workspace, 'shell.txt'))).toBe(false);
      await comesBack(id, 3);
    });

    test.runIf(ownBinary !== null)(
      'its own binary, while it streams: interrupted, nothing is left, and it remembers',
      async () => {
        const id = await begin('slow');
        await streams(id);
        const before = await processes(id);
        // Each session on the adapter has one.
        const binaries = before.filter(({ command }) => ownBinary?.test(command));
        if (binaries.length === 0)
          throw new Error(`no own binary: ${before.map(({ command }) => command).join(' | ')}`);
        for (const { pid } of binaries) killHard(pid);
        expect(await outcome(id, 2)).toBe('interrupted');
        await areGone(binaries);
        await comesBack(id, 3);
      },
    );

    test('everything at once, while it streams: interrupted, and it remembers', async () => {
      const id = await begin('slow');
      await streams(id);
      const before = await processes(id);
      const { pid, keeperPid } = await host.client.call('host.status', {});
      for (const each of [keeperPid, pid, ...before.map((one) => one.pid)]) killHard(each);
      // As the service does after a reboot.
      startKeeper(host.home, { dist, execPath: process.execPath });
      await untilServed(pid);
      expect(await outcome(id, 2)).toBe('interrupted');
      await areGone(before);
      await comesBack(id, 3);
    });

    test(`the shell of a command that runs: ${hearsOfShell ? 'the agent hears that it failed and goes on' : 'the turn can be cancelled'}`, async () => {
      const id = await begin('hold');
      expect(await host.allow(await host.approval(id, TURN_LIMIT_MS))).toBe('decided');
      const shells = await eventually(async () => {
        const found = (await processes(id)).filter(({ command }) => command.includes('go.txt'));
        return found.length > 0 ? found : null;
      }, TURN_LIMIT_MS);
      const [adapter] = await processes(id);
      for (const { pid } of shells.toReversed()) if (pid !== adapter?.pid) killHard(pid);
      if (!hearsOfShell)
        await host.client.call('session.cancel', { sessionId: id, commandId: newCommandId() });
      expect(await outcome(id, 2)).toBe(hearsOfShell ? 'completed' : 'cancelled');
      expect(adapter !== undefined && isRunning(adapter)).toBe(true);
      expect(existsSync(join(host.workspace, 'late.txt'))).toBe(false);
      expect((await host.state(id)).openTools).toEqual([]);
    });
  });
}
