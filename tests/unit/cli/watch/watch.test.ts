import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../../src/cli/program.ts';
import { epochSchema, type SessionId } from '../../../../src/protocol/ids.ts';
import { MAX_UNACKED_EVENTS } from '../../../../src/protocol/limits.ts';
import { listen, type Listening } from '../../../fakes/fake-host.ts';
import { CliBench } from '../run-cli.ts';

let bench: CliBench;
let listening: Listening;
let sessionId: SessionId;
beforeEach(async () => {
  bench = new CliBench();
  listening = await bench.up();
  sessionId = bench.host.addSession();
});
afterEach(async () => await bench.down());

const say = (text: string) => bench.host.append(sessionId, { type: 'agent.text', text });
const upTo = (last: number, after = 0) =>
  Array.from({ length: last - after }, (_, i) => after + i + 1);

/** `watch` running in the background, with what it has printed so far. */
class Watching {
  readonly stdout = new PassThrough({ highWaterMark: 1024 });
  readonly stderr = new PassThrough({ highWaterMark: 1024 * 1024 });
  readonly done: Promise<number>;
  text = '';
  remarks = '';
  leave: () => void = () => {};

  constructor(args: readonly string[], reads = true) {
    this.stdout.setEncoding('utf8');
    if (reads) this.read();
    this.stderr.on('data', (chunk: Buffer) => (this.remarks += chunk.toString()));
    const onSignal = (stop: (signal: NodeJS.Signals) => void) => {
      this.leave = () => stop('SIGINT');
      return () => {};
    };
    this.done = runCli(
      ['watch', sessionId, ...args],
      bench.surroundings({ stdout: this.stdout, stderr: this.stderr, onSignal }),
    );
  }

  read(): void {
    this.stdout.on('data', (chunk: string) => (this.text += chunk));
  }

  numbers(): number[] {
    return this.text
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
  }

  async sees(last: number): Promise<void> {
    await vi.waitFor(() => expect(this.numbers().at(-1)).toBe(last), {
      timeout: 10_000,
      interval: 5,
    });
  }
}

const waitFor = async (check: () => void) =>
  await vi.waitFor(check, { timeout: 10_000, interval: 5 });

describe('watch --no-follow', () => {
  it('prints every stored event of many pages once, in order', async () => {
    for (let i = 0; i < 2_500; i += 1) say(String(i));
    const watching = new Watching(['--no-follow', '--json']);
    expect([await watching.done, watching.numbers()]).toEqual([0, upTo(2_502)]);
  });

  it('names a call that was named before --since', async () => {
    const tool = { type: 'tool.updated', toolCallId: 'call_1' } as const;
    bench.host.append(sessionId, { ...tool, title: 'npm test', status: 'in_progress' });
    const { seq } = say('before');
    bench.host.append(sessionId, { ...tool, status: 'completed' });
    const { stdout } = await bench.run([
      ...['watch', sessionId, '--no-follow', '--since', String(seq)],
    ]);
    expect(stdout).toBe('[done] npm test\n');
  });

  it('starts after --since, and gives nothing beyond the end', async () => {
    say('x');
    const [later, beyond] = [
      new Watching(['--no-follow', '--json', '--since', '1']),
      new Watching(['--no-follow', '--json', '--since', '99']),
    ];
    expect([await later.done, later.numbers(), await beyond.done, beyond.text]).toEqual([
      0,
      [2, 3],
      0,
      '',
    ]);
  });

  it('puts seq, at and type first', async () => {
    const watching = new Watching(['--no-follow', '--json', '--since', '2']);
    await watching.done;
    say('hello');
    const again = new Watching(['--no-follow', '--json', '--since', '2']);
    await again.done;
    expect(again.text).toMatch(/^\{"seq":3,"at":"[^"]+","type":"agent\.text","text":"hello"\}\n$/u);
  });

  it('gets events through that are too large to travel together', async () => {
    for (let i = 0; i < 10; i += 1) say('x'.repeat(4 * 1024 * 1024));
    const watching = new Watching(['--no-follow', '--json']);
    expect([await watching.done, watching.numbers()]).toEqual([0, upTo(12)]);
  });

  it('says when the history has a hole', async () => {
    say('x');
    bench.host.session(sessionId).events.splice(1, 1);
    const watching = new Watching(['--no-follow', '--json']);
    expect([await watching.done, watching.remarks.includes('goes from event 1 to 3')]).toEqual([
      1,
      true,
    ]);
  });

  it('exits 1 for a session that is not there', async () => {
    expect((await bench.run(['watch', 's_zzzzzzzzzzzz', '--no-follow'])).code).toBe(1);
  });
});

describe('watch', () => {
  it('goes on with what happens, and Ctrl-C is no failure', async () => {
    const watching = new Watching(['--json']);
    await watching.sees(2);
    say('more');
    await watching.sees(3);
    watching.leave();
    expect([await watching.done, watching.numbers()]).toEqual([0, [1, 2, 3]]);
  });

  it('acknowledges, so that a long stream never stalls', async () => {
    const watching = new Watching(['--json']);
    await watching.sees(2);
    const total = MAX_UNACKED_EVENTS * 4;
    for (let i = 0; i < total; i += 1) say(String(i));
    await watching.sees(total + 2);
    watching.leave();
    expect([await watching.done, watching.numbers()]).toEqual([0, upTo(total + 2)]);
  });

  it('prints merged events as they are stored', async () => {
    bench.host.mergesText = true;
    const watching = new Watching(['--json'], false);
    await waitFor(() => expect([...bench.host.connections][0]?.following.size).toBe(1));
    for (let i = 0; i < 1_000; i += 1) say(`text ${i} `);
    watching.read();
    await watching.sees(1_002);
    watching.leave();
    expect([await watching.done, watching.numbers()]).toEqual([0, upTo(1_002)]);
  });

  it('does not acknowledge what a slow reader has not taken', async () => {
    const acked: number[] = [];
    bench.host.onAck = (_id, seq) => acked.push(seq);
    const watching = new Watching(['--json'], false);
    await waitFor(() => expect([...bench.host.connections][0]?.following.size).toBe(1));
    for (let i = 0; i < 2_000; i += 1) say('x'.repeat(200));
    // An answer behind everything that was sent: what it sent before has arrived.
    await bench.run(['ls']);
    const takenBefore = Math.max(0, ...acked);
    watching.read();
    await watching.sees(2_002);
    watching.leave();
    expect([await watching.done, takenBefore < 300, watching.numbers()]).toEqual([
      0,
      true,
      upTo(2_002),
    ]);
  });

  it('leaves on Ctrl-C though nobody reads', async () => {
    for (let i = 0; i < 100; i += 1) say('x'.repeat(1_000));
    const watching = new Watching(['--json'], false);
    await waitFor(() =>
      expect(bench.host.calls.some(({ method }) => method === 'session.events')).toBe(true),
    );
    watching.leave();
    expect(await watching.done).toBe(0);
  });

  it('ends quietly when its reader leaves', async () => {
    const watching = new Watching(['--json']);
    await watching.sees(2);
    watching.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect([await watching.done, watching.remarks]).toEqual([0, '']);
  });

  it('gives every event once across connections that break again and again', async () => {
    const watching = new Watching(['--json']);
    await watching.sees(2);
    for (let round = 0; round < 5; round += 1) {
      for (let i = 0; i < 100; i += 1) say(`${round}.${i}`);
      listening.cut();
      for (let i = 0; i < 100; i += 1) say(`${round}.${i}`);
      await waitFor(() =>
        expect([...bench.host.connections].some(({ following }) => following.size === 1)).toBe(
          true,
        ),
      );
    }
    await watching.sees(1_002);
    watching.leave();
    expect([await watching.done, watching.numbers()]).toEqual([0, upTo(1_002)]);
  });

  it('waits for a host that is away, and says so', async () => {
    const watching = new Watching(['--json']);
    await watching.sees(2);
    await listening.close();
    say('meanwhile');
    await waitFor(() => expect(watching.remarks).toContain('lost'));
    listening = await listen(bench.host, bench.home.hostSocket);
    await watching.sees(3);
    watching.leave();
    await listening.close();
    expect([await watching.done, watching.numbers(), watching.remarks]).toEqual([
      0,
      [1, 2, 3],
      'The connection to the host was lost; waiting for it to come back.\nConnected again.\n',
    ]);
  });

  it('does not continue numbers of another history', async () => {
    const watching = new Watching(['--json']);
    await watching.sees(2);
    bench.host.epoch = epochSchema.parse('epoch-2');
    listening.cut();
    expect([await watching.done, watching.remarks.includes('history was replaced')]).toEqual([
      1,
      true,
    ]);
  });

  it('reads like a transcript for a person', async () => {
    const watching = new Watching([]);
    const host = bench.host;
    say('Hel');
    say('lo\u001b[2J');
    host.append(sessionId, {
      type: 'tool.updated',
      toolCallId: 't',
      title: 'Run npm test',
      status: 'pending',
    });
    host.append(sessionId, { type: 'tool.updated', toolCallId: 't', content: [] });
    host.append(sessionId, { type: 'tool.updated', toolCallId: 't', status: 'completed' });
    host.append(sessionId, { type: 'turn.ended', turn: 1, outcome: 'completed' });
    say('Bye');
    await waitFor(() => expect(watching.text).toContain('Bye'));
    watching.leave();
    await watching.done;
    expect(watching.text).toBe(
      [
        `* session ${sessionId}: demo in /tmp/project, mode ask`,
        '* Fake 1 is ready',
        'Hello‹U+001B›[2J',
        '[tool] Run npm test',
        '[done] Run npm test',
        '* turn 1 completed',
        'Bye',
        '',
      ].join('\n'),
    );
  });
});
