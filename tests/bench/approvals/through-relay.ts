import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { withDeadline } from '../../../src/base/deadline.ts';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import { HostUnderTest } from '../../integration/support/host-under-test.ts';
import { enrol } from '../../support/enrolled-device.ts';
import { HeadlessDevice } from '../../support/headless-device.ts';
import { figure, percentile, type Figure } from '../figure.ts';
import { startRelay } from '../relay/processes.ts';

export interface ThroughRelayOptions {
  /** Each asks over both ways; the first is thrown away. */
  readonly rounds: number;
  readonly asksPerRound: number;
}

const DEFAULTS: ThroughRelayOptions = { rounds: 6, asksPerRound: 100 };
const ROUND_LIMIT_MS = 60_000;
const agentPath = join(import.meta.dirname, 'ask-agent.mjs');

/** Answers what an agent asks: how long each answer took, by the agent's own clock, in ms. */
interface Way {
  run(asks: number): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/**
 * An agent's request → card on a paired phone → signed decision → agent told, through the relay and
 * sealed, against the same agent answered by the process that started it; in turns. The phone is the
 * real code of a phone's side on Node, without a screen and without a person's time to think.
 */
export async function benchThroughRelay({
  rounds,
  asksPerRound,
}: ThroughRelayOptions = DEFAULTS): Promise<Figure[]> {
  const stops: (() => unknown)[] = [];
  try {
    const bare = answeredInProcess();
    stops.push(bare.stop);
    const { way: ours, cardMs } = await answeredByPhone(stops);
    const took: Record<'bare' | 'ours', number[]> = { bare: [], ours: [] };
    for (let round = 0; round <= rounds; round += 1) {
      if (round === 1) cardMs.length = 0;
      const both = [await bare.run(asksPerRound), await ours.run(asksPerRound)] as const;
      if (round === 0) continue;
      took.bare.push(...both[0]);
      took.ours.push(...both[1]);
    }
    const p = (samples: readonly number[], share: number): number => percentile(samples, share);
    return [
      figure('an agent answered in process, p50', p(took.bare, 0.5), 'ms'),
      figure('an agent answered in process, p99', p(took.bare, 0.99), 'ms'),
      figure('request → card on a phone, p50', p(cardMs, 0.5), 'ms'),
      figure('request → card on a phone, p99', p(cardMs, 0.99), 'ms'),
      figure('request → card → signed decision → agent, p50', p(took.ours, 0.5), 'ms'),
      figure('request → card → signed decision → agent, p99', p(took.ours, 0.99), 'ms'),
      figure('added by all of it, p50', p(took.ours, 0.5) - p(took.bare, 0.5), 'ms', {
        atMost: 25,
      }),
      figure('added by all of it, p99', p(took.ours, 0.99) - p(took.bare, 0.99), 'ms', {
        atMost: 80,
      }),
      figure('decisions measured', took.ours.length, ''),
    ];
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

function answeredInProcess(): Way {
  const agent = spawn(process.execPath, [agentPath], { stdio: ['pipe', 'pipe', 'inherit'] });
  let done: (tookMs: readonly number[]) => void = () => {};
  const write = (message: object): void =>
    void agent.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  createInterface({ input: agent.stdout }).on('line', (line) => {
    // The agent is this bench's own.
    const { id, method, params } = JSON.parse(line) as {
      id?: string;
      method?: string;
      params?: { update?: { content?: { text?: string } } };
    };
    if (method === 'session/request_permission')
      write({ id, result: { outcome: { outcome: 'selected', optionId: 'yes' } } });
    const text = params?.update?.content?.text;
    if (text !== undefined) done(JSON.parse(text) as number[]);
  });
  return {
    run: async (asks) => {
      const all = new Promise<readonly number[]>((resolve) => (done = resolve));
      const prompt = [{ type: 'text', text: JSON.stringify({ asks }) }];
      write({ id: 'p', method: 'session/prompt', params: { sessionId: 'asker', prompt } });
      return await withDeadline(all, ROUND_LIMIT_MS, 'The bare agent');
    },
    stop: async () => await ended(agent),
  };
}

async function ended(agent: ChildProcess): Promise<void> {
  const gone = once(agent, 'exit');
  agent.kill('SIGKILL');
  await gone;
}

async function answeredByPhone(stops: (() => unknown)[]): Promise<{ way: Way; cardMs: number[] }> {
  const relay = await startRelay();
  stops.push(async () => await relay.process.stop());
  const via = `http://${relay.authority}`;
  const host = new HostUnderTest({
    agents: { asker: { command: process.execPath, args: [agentPath] } },
    relay: { url: via },
  });
  const { keys } = enrol(host.home, { name: 'phone', role: 'operator', via, relay: via });
  await host.connect();
  stops.push(async () => await host.stop());
  const device = new HeadlessDevice(keys);
  stops.push(() => device.stop());
  await device.start();
  await device.up();
  const sessionId = await host.start('asker');
  device.follow(sessionId);
  const cardMs: number[] = [];
  const decided = new Set<string>();
  let failed: (error: unknown) => void = () => {};
  const decide = async (approval: Approval): Promise<void> => {
    decided.add(approval.id);
    const { outcome } = await device.decide(approval, { choice: { allow: true } });
    if (outcome !== 'decided') throw new Error(`${approval.id}: ${outcome}`);
  };
  device.surface.notices.on((notice) => {
    if (notice.name !== 'desk.approvals') return;
    for (const approval of notice.params.approvals) {
      if (decided.has(approval.id)) continue;
      cardMs.push((Number(process.hrtime.bigint()) - askedAtNs(approval)) / 1e6);
      decide(approval).catch((error: unknown) => failed(error));
    }
  });
  let turn = 0;
  return {
    cardMs,
    way: {
      run: async (asks) => {
        const broken = new Promise<never>((_, reject) => (failed = reject));
        const told = async (): Promise<readonly number[]> => {
          await host.send(sessionId, JSON.stringify({ asks }));
          const { lastSeq } = await host.turnEnded(sessionId, (turn += 1), ROUND_LIMIT_MS);
          const { events } = await host.client.call('session.events', {
            // Calls that the agent never says are over end with the turn, after its words.
            ...{ sessionId, before: lastSeq + 1, limit: 500 },
          });
          const said = events.flatMap((event) => (event.type === 'agent.text' ? event.text : []));
          if (said.length === 0)
            throw new Error(
              `The agent ended without its figures: ${JSON.stringify(events.at(-1))}`,
            );
          return JSON.parse(said.join('')) as number[];
        };
        return await Promise.race([told(), broken]);
      },
      stop: async () => {},
    },
  };
}

function askedAtNs({ call }: Approval): number {
  return (call.input as { askedAtNs: number }).askedAtNs;
}
