import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { dist, eventually, HostUnderTest } from '../integration/support/host-under-test.ts';
import { figure, median, type Figure } from './figure.ts';
import { rssBytes } from './process-memory.ts';
import { windowSurface, type Surface } from './surfaces.ts';

export interface MemoryOptions {
  /** Of one session; each turn is one part of them. */
  readonly events: number;
  readonly turns: number;
  /** Short turns, in a session of their own. */
  readonly prompts: number;
  /** Prompts between two looks. */
  readonly promptsALook: number;
}

const DEFAULTS: MemoryOptions = {
  events: 1_000_000,
  turns: 60,
  prompts: 1_000,
  promptsALook: 25,
};
const TURN_LIMIT_MS = 300_000;
const MiB = 1024 * 1024;

const usageSchema = z.object({ rss: z.number(), heapUsed: z.number() });
interface Usage extends z.infer<typeof usageSchema> {
  /** Before it has collected its garbage: what a person sees at that moment. */
  readonly rssAsFound: number;
}

/**
 * The resident memory of the real host under its real keeper, after it has collected its garbage:
 * the demo agent streams as fast as it is read, and a window's link follows. What is compared are
 * the medians of the first and the last third of the looks.
 */
export async function benchMemory(options: MemoryOptions = DEFAULTS): Promise<Figure[]> {
  const { NODE_OPTIONS: before } = process.env;
  process.env.NODE_OPTIONS = `--require ${JSON.stringify(join(import.meta.dirname, 'collect-garbage.cjs'))}`;
  const script = join(dist, 'demo-agent', 'main.js');
  const host = new HostUnderTest({
    agents: { quick: { command: process.execPath, args: [script, '--speed', '100'] } },
  });
  let window: Surface | null = null;
  try {
    await host.connect();
    const { events, turns, prompts, promptsALook } = options;
    const long = await host.start('quick');
    window = windowSurface(host.home, long);
    const perTurn = Math.round(events / turns);
    const streamed = await looks(host, turns, async (look) => {
      await host.send(long, `SCRIPT:stream n=${perTurn} rate=1000000`);
      await host.turnEnded(long, look + 1, TURN_LIMIT_MS);
    });
    const { lastSeq } = await host.state(long);
    if (lastSeq < events) throw new Error(`${lastSeq} events, not ${events}`);
    const chatty = await host.start('quick');
    const asked = await looks(host, Math.round(prompts / promptsALook), async (look) => {
      for (let n = 1; n <= promptsALook; n += 1) {
        await host.send(chatty, 'SCRIPT:approve n=1');
        await host.allow(await host.approval(chatty));
        await host.turnEnded(chatty, look * promptsALook + n, TURN_LIMIT_MS);
      }
    });
    return [
      ...figuresOf(`one session of ${events.toLocaleString('en')} events`, streamed),
      ...figuresOf(`${prompts.toLocaleString('en')} prompts`, asked),
    ];
  } finally {
    await window?.stop();
    await host.stop();
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}

async function looks(
  host: HostUnderTest,
  count: number,
  work: (look: number) => Promise<void>,
): Promise<Usage[]> {
  const { pid } = await host.client.call('host.status', {});
  const all: Usage[] = [];
  for (let look = 0; look < count; look += 1) {
    await work(look);
    const usage = await memoryOf(host, pid);
    all.push(usage);
    if (process.env.BENCH_LOOKS !== undefined) console.error(look, usage);
  }
  return all;
}

async function memoryOf(host: HostUnderTest, pid: number): Promise<Usage> {
  const file = join(host.home.root, 'memory.json');
  rmSync(file, { force: true });
  const rssAsFound = rssBytes(pid);
  process.kill(pid, 'SIGUSR2');
  return await eventually(async () => {
    try {
      return { ...usageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))), rssAsFound };
    } catch {
      return null;
    }
  });
}

function figuresOf(what: string, all: readonly Usage[]): Figure[] {
  const third = Math.max(1, Math.floor(all.length / 3));
  const growth = (of: (usage: Usage) => number): [number, number, number] => {
    const first = median(all.slice(0, third).map(of));
    const last = median(all.slice(-third).map(of));
    return [first, last, (last / first - 1) * 100];
  };
  const [first, last, percent] = growth(({ rss }) => rss);
  const [heapFirst, heapLast] = growth(({ heapUsed }) => heapUsed);
  const asFound = growth(({ rssAsFound }) => rssAsFound);
  return [
    figure(`host memory, ${what}, first third`, first / MiB, 'MiB RSS'),
    figure(`host memory, ${what}, last third`, last / MiB, 'MiB RSS'),
    figure(`host memory, ${what}, growth`, percent, '%', { atMost: 5 }),
    figure(`host memory, ${what}, last third, garbage not collected`, asFound[1] / MiB, 'MiB RSS'),
    figure(`host memory, ${what}, growth, garbage not collected`, asFound[2], '%'),
    figure(`host heap, ${what}, first third`, heapFirst / MiB, 'MiB'),
    figure(`host heap, ${what}, last third`, heapLast / MiB, 'MiB'),
  ];
}
