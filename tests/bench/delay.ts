import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { withDeadline } from '../../src/base/deadline.ts';
import { FollowedSession } from '../../src/connection/followed-session.ts';
import { systemTimers } from '../../src/connection/timers.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import { HostUnderTest } from '../integration/support/host-under-test.ts';
import { figure, median, percentile, type Figure } from './figure.ts';

export interface DelayOptions {
  /** Each is one turn over the bare hops and one through the host; the first is thrown away. */
  readonly rounds: number;
  readonly linesPerRound: number;
  readonly everyMs: number;
}

const DEFAULTS: DelayOptions = { rounds: 7, linesPerRound: 3_000, everyMs: 1 };
const LIMIT_MS = 30_000;
const agentPath = join(import.meta.dirname, 'delay-agent.mjs');
const relayPath = join(import.meta.dirname, 'delay-relay.mjs');

/** Says what it is told to, and answers when all of it has arrived: how late each line was, in ms. */
interface Way {
  run(prompt: string, lines: number): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/**
 * How much later a line of an agent is at a surface for having gone through keeper and host, which
 * make it durable on the way, than over two bare hops: a pipe to a process, a socket to the next.
 * The same agent speaks both ways, in turns.
 */
export async function benchDelay(options: DelayOptions = DEFAULTS): Promise<Figure[]> {
  const host = new HostUnderTest({
    agents: { clock: { command: process.execPath, args: [agentPath] } },
  });
  const ways: Way[] = [];
  try {
    const bare = await bareHops(join(host.folder, 'bare.sock'), []);
    ways.push(bare);
    const durable = await bareHops(join(host.folder, 'durable.sock'), [join(host.folder, 'lines')]);
    ways.push(durable);
    const ours = await throughHost(host);
    ways.push(ours);
    return figures(await runs({ bare, durable, ours }, options), options);
  } finally {
    for (const way of ways) await way.stop();
    await host.stop();
  }
}

interface Delays {
  readonly bare: readonly number[];
  /** Over the bare hops, the first of which writes each line to a file and waits for the disk. */
  readonly durable: readonly number[];
  readonly ours: readonly number[];
}

async function runs(ways: Record<keyof Delays, Way>, options: DelayOptions): Promise<Delays[]> {
  const { rounds, linesPerRound: lines, everyMs } = options;
  const prompt = JSON.stringify({ lines, everyMs });
  const all: Delays[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const delays: Delays = {
      bare: await ways.bare.run(prompt, lines),
      durable: await ways.durable.run(prompt, lines),
      ours: await ways.ours.run(prompt, lines),
    };
    if (round > 0) all.push(delays);
  }
  return all;
}

function figures(rounds: readonly Delays[], { everyMs }: DelayOptions): Figure[] {
  const over = (of: (delays: Delays) => number): number => median(rounds.map(of));
  const rate = `at ${Math.round(1_000 / everyMs).toLocaleString('en')} events/s`;
  return [
    figure(
      `delay p50 ${rate}, two bare hops`,
      over(({ bare }) => percentile(bare, 0.5)),
      'ms',
    ),
    figure(
      `delay p50 ${rate}, keeper + host`,
      over(({ ours }) => percentile(ours, 0.5)),
      'ms',
    ),
    figure(
      `delay p50 ${rate}, two bare hops and the disk`,
      over(({ durable }) => percentile(durable, 0.5)),
      'ms',
    ),
    figure(
      'delay p50 / two bare hops',
      over(({ bare, ours }) => percentile(ours, 0.5) / percentile(bare, 0.5)),
      '×',
      { atMost: 3, stretch: 2 },
    ),
    figure(
      'delay p50 / two bare hops and the disk',
      over(({ durable, ours }) => percentile(ours, 0.5) / percentile(durable, 0.5)),
      '×',
    ),
    figure(
      `delay p99 ${rate}, two bare hops`,
      over(({ bare }) => percentile(bare, 0.99)),
      'ms',
    ),
    figure(
      `delay p99 ${rate}, keeper + host`,
      over(({ ours }) => percentile(ours, 0.99)),
      'ms',
      {
        atMost: 10,
      },
    ),
  ];
}

/** Collects the delays of one run; a line carries `@<hrtime when it was written>;`. */
class Stamps {
  #delays: number[] = [];
  #expected = Infinity;
  #done: () => void = () => {};

  async of(lines: number, begin: () => Promise<void>): Promise<readonly number[]> {
    this.#delays = [];
    this.#expected = lines;
    const done = new Promise<void>((resolve) => (this.#done = resolve));
    await begin();
    await withDeadline(done, LIMIT_MS, `The ${lines} lines`);
    return this.#delays;
  }

  /** A text may be several lines merged into one. */
  take(text: string): void {
    const now = Number(process.hrtime.bigint());
    for (const [, written] of text.matchAll(/@(\d+);/g))
      this.#delays.push((now - Number(written)) / 1e6);
    if (this.#delays.length >= this.#expected) this.#done();
  }
}

async function throughHost(host: HostUnderTest): Promise<Way> {
  const client = await host.connect();
  const sessionId: SessionId = await host.start('clock');
  const followed = new FollowedSession(sessionId, systemTimers, (seq) =>
    client.acknowledge({ sessionId, seq }),
  );
  const stamps = new Stamps();
  followed.restart(await client.call('session.follow', { sessionId }));
  client.notices.on((notice) => {
    if (notice.name !== 'session.events') return;
    const taken = followed.take(notice.params.events);
    if (taken.kind === 'gap') throw new Error('The host left out an event.');
    for (const event of taken.events) if (event.type === 'agent.text') stamps.take(event.text);
  });
  let turn = 0;
  return {
    run: async (prompt, lines) => {
      const delays = await stamps.of(lines, async () => await host.send(sessionId, prompt));
      await host.turnEnded(sessionId, (turn += 1));
      return delays;
    },
    stop: async () => {
      followed.stop();
    },
  };
}

async function bareHops(socketPath: string, relayArgs: readonly string[]): Promise<Way> {
  const stamps = new Stamps();
  const server = createServer();
  server.listen(socketPath);
  await once(server, 'listening');
  const relay = spawn(process.execPath, [relayPath, socketPath, agentPath, ...relayArgs], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [socket] = (await withDeadline(once(server, 'connection'), LIMIT_MS, 'The bare relay')) as [
    Socket,
  ];
  let rest = '';
  let answered = 0;
  let onAnswer: () => void = () => {};
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // The agent is this bench's own, and says one of these two.
      const message = JSON.parse(line) as { params?: { update: { content: { text: string } } } };
      if (message.params !== undefined) stamps.take(message.params.update.content.text);
      else if ((answered += 1) > 0) onAnswer();
    }
  });
  return {
    run: async (prompt, lines) => {
      const ended = new Promise<void>((resolve) => (onAnswer = resolve));
      const delays = await stamps.of(lines, async () => {
        const params = { sessionId: 'clock', prompt: [{ type: 'text', text: prompt }] };
        const request = { jsonrpc: '2.0', id: answered, method: 'session/prompt', params };
        socket.write(`${JSON.stringify(request)}\n`);
      });
      await withDeadline(ended, LIMIT_MS, "The agent's answer");
      return delays;
    },
    stop: async () => await stopBare(relay, socket, server),
  };
}

async function stopBare(relay: ChildProcess, socket: Socket, server: Server): Promise<void> {
  const gone = once(relay, 'exit');
  socket.destroy();
  server.close();
  await withDeadline(gone, LIMIT_MS, 'Ending the bare relay');
}
