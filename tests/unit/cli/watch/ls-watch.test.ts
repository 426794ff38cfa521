import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Terminal } from '../../../../src/cli/cli.ts';
import { runCli } from '../../../../src/cli/program.ts';
import { pageText } from '../../../../src/cli/verbs/ls-watch.ts';
import type { AgentPulse } from '../../../../src/protocol/reach.ts';
import { summaryOf } from '../../../../src/protocol/session/state.ts';
import { listen, type Listening } from '../../../fakes/fake-host.ts';
import { CliBench, NOW } from '../run-cli.ts';
import { TerminalScreen } from './terminal-screen.ts';

let bench: CliBench;
let listening: Listening;
beforeEach(async () => {
  bench = new CliBench();
  listening = await bench.up();
});
afterEach(async () => await bench.down());

const waitFor = async (check: () => void) =>
  await vi.waitFor(check, { timeout: 10_000, interval: 5 });

/** `ls --watch` running in the background. */
class Watching {
  readonly done: Promise<number>;
  text = '';
  remarks = '';
  leave: () => void = () => {};

  constructor(args: readonly string[] = [], terminal: Terminal | null = null) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    stdout.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    stderr.on('data', (chunk: Buffer) => (this.remarks += chunk.toString()));
    const onSignal = (stop: (signal: NodeJS.Signals) => void) => {
      this.leave = () => stop('SIGINT');
      return () => {};
    };
    this.done = runCli(
      ['ls', '--watch', ...args],
      bench.surroundings({ stdout, stderr, onSignal, terminal }),
    );
  }

  get lists(): { id: string; title: string; state: string; pulse: string | null }[][] {
    return this.text
      .split('\n')
      .filter(Boolean)
      .map(
        (line) => JSON.parse(line) as { id: string; title: string; state: string; pulse: null }[],
      );
  }
}

const retitle = (id: Parameters<typeof bench.host.append>[0], title: string) =>
  bench.host.append(id, { type: 'session.titled', title, by: 'cli' });

function pulse(sessionId: AgentPulse['sessionId'], kind: AgentPulse['pulse']): AgentPulse {
  const since = new Date(NOW - 240_000).toISOString();
  return { sessionId, pulse: kind, since, heardAt: since, because: 'It does not answer.' };
}

describe('ls --watch --json', () => {
  it('gives the whole list, at once and at each change, and nothing where nothing has changed', async () => {
    const id = bench.host.addSession({ title: 'First' });
    const watching = new Watching(['--json']);
    await waitFor(() => expect(watching.lists).toHaveLength(1));
    // Longer than any pause between two looks: what is no change of the list is looked at, too.
    const untilMs = Date.now() + 600;
    await waitFor(() => {
      bench.host.tell('desk.problems', { problems: [] });
      expect(Date.now()).toBeGreaterThan(untilMs);
    });
    expect(watching.lists).toHaveLength(1);
    const second = bench.host.addSession({ title: 'Second' });
    await waitFor(() => expect(watching.lists.at(-1)).toHaveLength(2));
    bench.host.tell('desk.pulses', { pulses: [pulse(id, 'hangs')] });
    await waitFor(() => expect(watching.lists.at(-1)?.[0]?.pulse).toBe('hangs'));
    bench.host.tell('desk.forgotten', { sessionId: second });
    await waitFor(() => expect(watching.lists.at(-1)).toHaveLength(1));
    watching.leave();
    bench.host.sessions.delete(second);
    const { value } = await bench.json('ls');
    expect([
      await watching.done,
      watching.remarks,
      watching.lists.length,
      watching.lists.at(-1),
    ]).toEqual([0, '', 4, [{ ...(value as object[])[0], pulse: 'hangs' }]]);
  });

  it('goes on with the next host, and says that the last one went', async () => {
    bench.host.addSession();
    const watching = new Watching(['--json']);
    await waitFor(() => expect(watching.lists).toHaveLength(1));
    await listening.close();
    await waitFor(() => expect(watching.remarks).toContain('was lost'));
    bench.host.addSession();
    listening = await listen(bench.host, bench.home.hostSocket);
    await waitFor(() => expect(watching.lists.at(-1)).toHaveLength(2));
    watching.leave();
    expect([await watching.done, watching.remarks]).toEqual([
      0,
      'The connection to the host was lost; waiting for it to come back.\nConnected again.\n',
    ]);
    await listening.close();
  });

  it('tells a flood of changes in few lines, the last of which is true', async () => {
    const id = bench.host.addSession();
    const watching = new Watching(['--json']);
    await waitFor(() => expect(watching.lists).toHaveLength(1));
    for (let i = 1; i <= 500; i += 1) retitle(id, `Title ${i}`);
    await waitFor(() => expect(watching.lists.at(-1)?.[0]?.title).toBe('Title 500'));
    watching.leave();
    expect([await watching.done, watching.lists.length <= 4]).toEqual([0, true]);
  });
});

describe('ls --watch for people', () => {
  it('prints the table anew where stdout is no terminal, without a sequence in it', async () => {
    const id = bench.host.addSession({ title: 'First' });
    const watching = new Watching();
    await waitFor(() => expect(watching.text).toContain('First'));
    retitle(id, 'Renamed');
    await waitFor(() => expect(watching.text).toContain('Renamed'));
    watching.leave();
    expect([
      await watching.done,
      watching.text.match(/^ID /gmu)?.length,
      watching.text.includes('\u001b'),
    ]).toEqual([0, 2, false]);
  });

  it('repaints in place on a terminal, and leaves it as it was', async () => {
    const id = bench.host.addSession({ title: 'First' });
    const screen = new TerminalScreen(80, 12);
    let columns = 70;
    let resized = (): void => {};
    const listeners = new Set<() => void>();
    const watching = new Watching([], {
      size: () => ({ columns, rows: 12 }),
      onResize: (listener) => {
        listeners.add((resized = listener));
        return () => listeners.delete(listener);
      },
    });
    await waitFor(() => expect(watching.text).toContain('ID '));
    bench.host.tell('desk.pulses', { pulses: [pulse(id, 'hangs')] });
    await waitFor(() => expect(watching.text).toContain('HANGS for 4 min'));
    const paints = () => watching.text.split('\u001b[J').length - 1;
    const before = paints();
    columns = 80;
    resized();
    await waitFor(() => expect(paints()).toBeGreaterThan(before));
    watching.leave();
    const code = await watching.done;
    screen.write(`$ porchlight ls --watch\r\n${watching.text}`);
    expect([
      code,
      listeners.size,
      screen.lines().map((line) => line.slice(0, 37).trimEnd()),
    ]).toEqual([
      0,
      0,
      [
        '$ porchlight ls --watch',
        'ID              STATE',
        `${id}  idle, HANGS for 4 min`,
        `${id} hangs: porchlight canc`,
      ],
    ]);
  });

  it('shows those that ask for a person where not all have room, in their own order', () => {
    for (let i = 0; i < 30; i += 1) bench.host.addSession({ title: `S${i}` });
    const sessions = [...bench.host.sessions.values()].map(({ state }) => summaryOf(state));
    const asking = sessions.map((session, i) =>
      i === 20 ? { ...session, state: 'waiting' as const, approvals: 2 } : session,
    );
    const text = pageText(asking, { pulseOf: () => null, problems: [] }, NOW, 200, 8).split('\n');
    const ids = text.slice(1, -1).map((line) => line.split(' ')[0]);
    expect([text.length, text.at(-1), ids]).toEqual([
      8,
      '… and 24 more: porchlight ls',
      [...sessions.slice(0, 5), sessions[20]].map((session) => session?.id),
    ]);
  });
});
