import { once } from 'node:events';
import { WebSocket } from 'ws';
import { DeviceLink } from '../../../src/connection/device/device-link.ts';
import { ReconnectingHost } from '../../../src/connection/reconnect.ts';
import { systemTimers } from '../../../src/connection/timers.ts';
import { sessionIdSchema } from '../../../src/protocol/ids.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { nodeNetwork, primitives } from '../../support/device-identity.ts';
import { figure, median, type Figure } from '../figure.ts';
import { BenchProcess, startRelay } from './processes.ts';
import { sealedEnd } from './sealed-way.ts';

const ROUNDS = 41;
const WARM = 6;
const GOAL = 2.5;
const session = sessionIdSchema.parse('s_000000000001');

/** From nothing to 20 missed events of a session, sealed and relayed, against a bare connection and one echo. */
export async function benchResume(): Promise<Figure[]> {
  const stops: (() => unknown)[] = [];
  try {
    const relay = await startRelay();
    stops.push(async () => await relay.process.stop());
    const bare = BenchProcess.script('far-end.mjs');
    stops.push(async () => await bare.stop());
    const { echo } = await bare.heard<{ echo: number }>();
    const { process, keys, stop } = await sealedEnd(relay, 'serve');
    stops.push(stop);
    process.child.send({ state: stateOf22() });
    const rounds: { bare: number; sealed: number }[] = [];
    for (let round = 0; round < ROUNDS + WARM; round += 1) {
      const took = { bare: await bareEcho(echo), sealed: await resume(keys) };
      if (round >= WARM) rounds.push(took);
    }
    return [
      figure('connect and one echo, bare ws', median(rounds.map((r) => r.bare)), 'ms'),
      figure('resume with 20 missed events', median(rounds.map((r) => r.sealed)), 'ms'),
      figure(
        'resume with 20 missed events against a bare connect and echo',
        median(rounds.map((r) => r.sealed / r.bare)),
        '×',
        { atMost: GOAL },
      ),
    ];
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function bareEcho(port: number): Promise<number> {
  const startedAt = performance.now();
  const ws = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(ws, 'open');
  ws.send(Buffer.alloc(200));
  await once(ws, 'message');
  const took = performance.now() - startedAt;
  ws.terminate();
  return took;
}

async function resume(keys: ConstructorParameters<typeof DeviceLink>[0]['keys']): Promise<number> {
  const startedAt = performance.now();
  const link = new DeviceLink({
    ...{ keys, primitives, network: nodeNetwork(), timers: systemTimers, random: Math.random },
    presence: { isVisible: false, isOnline: true, on: () => () => {} },
    identity: { surface: 'phone', version: '0' },
  });
  const surface = new ReconnectingHost(link.options);
  surface.followDesk();
  surface.follow(session);
  surface.start();
  const took = await new Promise<number>((resolve, reject) => {
    surface.followed.on(({ result }) =>
      result.events.length === 20
        ? resolve(performance.now() - startedAt)
        : reject(new Error(`${result.events.length} events came`)),
    );
    surface.states.on((state) => {
      if (state.kind === 'down') reject(new Error(state.reason));
    });
    surface.lost.on(({ reason }) => reject(new Error(reason)));
  });
  surface.stop();
  link.close();
  return took;
}

/** What a session looks like after 22 events. */
function stateOf22(): unknown {
  const host = new FakeHost();
  host.addSession({ sessionId: session });
  for (let i = 0; i < 20; i += 1)
    host.append(session, { type: 'agent.text', text: 'x'.repeat(200) });
  return host.session(session).state;
}
