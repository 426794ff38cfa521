import { describe, expect, test } from 'vitest';
import { ReconnectingHost, type LinkState } from '../../../src/connection/reconnect.ts';
import { ConnectionRefused, HostAway } from '../../../src/connection/refusals.ts';
import type { Transport } from '../../../src/connection/transport.ts';
import { RpcFailure } from '../../../src/protocol/errors.ts';
import { epochSchema, sessionIdSchema } from '../../../src/protocol/ids.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { FakeTimers } from '../../fakes/fake-timers.ts';
import { memoryPipe } from '../../fakes/memory-transport.ts';

/** Lets every message that is on its way arrive; memory pipes need no time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 200; i += 1) await Promise.resolve();
}

function setUp(steadyMs?: number) {
  const host = new FakeHost();
  const timers = new FakeTimers();
  const cuts: (() => void)[] = [];
  const door = { open: (): Promise<Transport> => Promise.resolve(pipe()) };
  const pipe = (): Transport => {
    const { near, far, cut } = memoryPipe();
    host.serve(far);
    cuts.push(() => cut('cut'));
    return near;
  };
  const link = new ReconnectingHost({
    identity: { surface: 'window', version: '0' },
    open: () => door.open(),
    timers,
    random: () => 0.5,
    ...(steadyMs !== undefined && { steadyMs }),
  });
  const states: LinkState['kind'][] = [];
  link.states.on((state) => states.push(state.kind));
  const seen: number[] = [];
  link.events.on(({ events }) => seen.push(...events.map(({ seq }) => seq)));
  link.followed.on(({ result }) => seen.push(...result.events.map(({ seq }) => seq)));
  return {
    host,
    timers,
    door,
    link,
    states,
    seen,
    cut: () => cuts.splice(0).forEach((run) => run()),
  };
}

describe('a link to the host', () => {
  test('connects, follows the desk and a session, and passes events on in order', async () => {
    const { host, link, states, seen } = setUp();
    const id = host.addSession();
    const desks: number[] = [];
    link.desks.on(({ sessions }) => desks.push(sessions.length));
    link.followDesk();
    link.follow(id);
    link.start();
    await settle();
    host.append(id, { type: 'agent.text', text: 'a' });
    host.append(id, { type: 'agent.text', text: 'b' });
    await settle();
    expect([states, desks, seen]).toEqual([['connecting', 'up'], [1], [1, 2, 3, 4]]);
  });

  test('waits longer each time where connections are lost as soon as they stand, until one stays', async () => {
    const { link, timers, cut } = setUp(3_000);
    const waits: number[] = [];
    link.states.on((state) => {
      if (state.kind === 'down') waits.push(state.retryAtMs - timers.nowMs());
    });
    link.start();
    for (const upMs of [3_000, 0, 2_999, 0, 3_000]) {
      await settle();
      expect(link.state.kind).toBe('up');
      timers.advance(upMs);
      cut();
      await settle();
      timers.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([188, 375, 750, 1_500, 188]);
  });

  test('gives only what a surface that kept the session has not got', async () => {
    const { host, link, seen } = setUp();
    const id = host.addSession();
    host.append(id, { type: 'agent.text', text: 'a' });
    const continued: boolean[] = [];
    link.followed.on(({ result }) => continued.push(result.continues));
    link.start();
    await settle();
    link.follow(id, { epoch: host.epoch, cursor: 2 });
    await settle();
    link.unfollow(id);
    link.follow(id, { epoch: epochSchema.parse('another'), cursor: 2 });
    await settle();
    expect([continued, seen]).toEqual([
      [true, false],
      [3, 1, 2, 3],
    ]);
  });

  test('comes back after a cut and gives every event exactly once', async () => {
    const { host, link, timers, seen, cut, states } = setUp();
    const id = host.addSession();
    link.follow(id);
    link.start();
    await settle();
    cut();
    host.append(id, { type: 'agent.text', text: 'while away' });
    await settle();
    timers.advance(10_000);
    await settle();
    host.append(id, { type: 'agent.text', text: 'after' });
    await settle();
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(states).toEqual(['connecting', 'up', 'down', 'connecting', 'up']);
    expect(host.calls.filter(({ method }) => method === 'session.follow').at(-1)?.params).toEqual({
      sessionId: id,
      epoch: 'epoch-1',
      cursor: 2,
    });
  });

  test('starts over when the history is another one', async () => {
    const { host, link, timers, cut } = setUp();
    const id = host.addSession();
    const continued: boolean[] = [];
    link.followed.on(({ result }) => continued.push(result.continues));
    link.follow(id);
    link.start();
    await settle();
    host.epoch = epochSchema.parse('restored');
    cut();
    await settle();
    timers.advance(10_000);
    await settle();
    expect(continued).toEqual([false, false]);
  });

  test('follows again from its cursor when events are missing', async () => {
    const { host, link, seen } = setUp();
    const id = host.addSession();
    link.follow(id);
    link.start();
    await settle();
    const lost = host.append(id, { type: 'agent.text', text: 'x' });
    await settle();
    const [connection] = host.connections;
    connection?.notify('session.events', {
      sessionId: id,
      events: [{ ...lost, seq: lost.seq + 2 }],
    });
    await settle();
    expect(host.calls.filter(({ method }) => method === 'session.follow')).toHaveLength(2);
    expect(seen).toEqual([1, 2, 3]);
  });

  test('waits longer after each failure, with half of it chance, and at most ten seconds', async () => {
    const { door, link, timers } = setUp();
    door.open = () => Promise.reject(new Error('nobody there'));
    link.start();
    const waits: (number | undefined)[] = [];
    for (let i = 0; i < 8; i += 1) {
      await settle();
      waits.push(timers.pendingMs[0]);
      timers.advance(timers.pendingMs[0] ?? 0);
    }
    expect(waits).toEqual([188, 375, 750, 1500, 3000, 6000, 7500, 7500]);
  });

  test('says why and until when it waits, and tries at once when asked', async () => {
    const { door, link, timers, states } = setUp();
    const { open } = door;
    door.open = () => Promise.reject(new Error('nobody there'));
    link.start();
    await settle();
    expect(link.state).toEqual({
      kind: 'down',
      failures: 1,
      reason: 'nobody there',
      retryAtMs: timers.nowMs() + 188,
    });
    door.open = open;
    link.retryNow();
    await settle();
    expect([states.at(-1), timers.pendingMs]).toEqual(['up', []]);
  });

  test('does not go on trying where the two speak different versions', async () => {
    const { host, link, timers } = setUp();
    host.handlers.hello = () => {
      throw new RpcFailure('wrongVersion', 'This host speaks protocol 9.');
    };
    link.start();
    await settle();
    expect([link.state, timers.pendingMs]).toEqual([
      { kind: 'refused', reason: 'This host speaks protocol 9.' },
      [],
    ]);
  });

  test('does not go on knocking at a door that is shut for good', async () => {
    const { door, link, timers } = setUp();
    door.open = () => Promise.reject(new ConnectionRefused('linkUsed'));
    link.start();
    await settle();
    expect([link.state, timers.pendingMs]).toEqual([{ kind: 'refused', reason: 'linkUsed' }, []]);
  });

  test('lets go of a connection that opens after it was stopped', async () => {
    const { door, link, states } = setUp();
    const late = memoryPipe();
    let arrive: (transport: Transport) => void = () => {};
    door.open = () => new Promise((resolve) => (arrive = resolve));
    let closed = '';
    late.far.start({ message: () => {}, close: (reason) => (closed = reason) });
    link.start();
    link.stop();
    arrive(late.near);
    await settle();
    expect([closed, states]).toEqual(['too late', ['connecting', 'stopped']]);
  });

  test('says that a session is lost when the host does not know it', async () => {
    const { host, link } = setUp();
    const id = host.addSession();
    host.sessions.delete(id);
    const lost: string[] = [];
    link.lost.on(({ reason }) => lost.push(reason));
    link.follow(id);
    link.start();
    await settle();
    expect(lost).toEqual([`There is no session ${id}.`]);
  });

  test('acknowledges, so that a host with a bounded window goes on', async () => {
    const { host, link, timers, seen } = setUp();
    const id = host.addSession();
    link.follow(id);
    link.start();
    await settle();
    for (let i = 0; i < 1_000; i += 1) host.append(id, { type: 'agent.text', text: `${i}` });
    for (let i = 0; i < 30; i += 1) {
      await settle();
      timers.advance(250);
    }
    expect([seen.length, seen.at(-1)]).toEqual([1_002, 1_002]);
  });

  test('a call while the host is away fails at once, in words', async () => {
    const { link } = setUp();
    await expect(link.call('host.status', {})).rejects.toThrow('The host cannot be reached.');
  });

  test('says hello and asks for all that it follows in one go', async () => {
    const { door, link } = setUp();
    const sent: string[] = [];
    door.open = () =>
      Promise.resolve({
        bufferedBytes: 0,
        start: () => {},
        send: (text) => void sent.push(JSON.parse(text).method),
        close: () => {},
      });
    link.followDesk();
    link.follow(sessionIdSchema.parse('s_000000000001'));
    link.start();
    await settle();
    expect(sent).toEqual(['hello', 'desk.follow', 'session.follow']);
  });

  test('asks an older host again that wants its hello answered first', async () => {
    const { host, link, seen, states } = setUp();
    const id = host.addSession();
    const { handlers } = host;
    const answer = { follow: handlers['session.follow'], desk: handlers['desk.follow'] };
    const tooEarly = (): never => {
      throw new RpcFailure('invalidRequest', 'Say hello first.');
    };
    handlers['session.follow'] = tooEarly;
    handlers['desk.follow'] = tooEarly;
    const { hello } = handlers;
    handlers.hello = async (...given) => {
      for (let i = 0; i < 50; i += 1) await Promise.resolve();
      handlers['session.follow'] = answer.follow;
      handlers['desk.follow'] = answer.desk;
      return await hello(...given);
    };
    const desks: number[] = [];
    link.desks.on(({ sessions }) => desks.push(sessions.length));
    link.followDesk();
    link.follow(id);
    link.start();
    await settle();
    expect([states, desks, seen]).toEqual([['connecting', 'up'], [1], [1, 2]]);
  });

  test('waits without trying while the host is away, and connects when it comes', async () => {
    const { door, link, timers, states } = setUp();
    const { open } = door;
    let come: () => void = () => {};
    const back = new Promise<void>((resolve) => (come = resolve));
    door.open = () => Promise.reject(new HostAway('The computer is off.', back));
    link.start();
    await settle();
    expect([link.state, timers.pendingMs]).toEqual([
      { kind: 'away', failures: 0, reason: 'The computer is off.' },
      [],
    ]);
    door.open = open;
    come();
    await settle();
    expect(states).toEqual(['connecting', 'away', 'connecting', 'up']);
  });

  test('counts a failure when the way is lost while it waits for the host', async () => {
    const { door, link, timers } = setUp();
    let lose: (error: Error) => void = () => {};
    const back = new Promise<void>((_, reject) => (lose = reject));
    door.open = () => Promise.reject(new HostAway('The computer is off.', back));
    link.start();
    await settle();
    lose(new Error('the relay closed'));
    await settle();
    expect([link.state.kind, timers.pendingMs]).toEqual(['down', [188]]);
  });

  test('an event that comes between a gap and its answer is not taken twice', async () => {
    const { host, link, seen } = setUp();
    const id = host.addSession();
    link.follow(id);
    link.start();
    await settle();
    const [connection] = host.connections;
    const lost = { ...host.append(id, { type: 'agent.text', text: 'x' }), seq: 9 };
    connection?.notify('session.events', { sessionId: id, events: [lost] });
    connection?.notify('session.events', { sessionId: id, events: [{ ...lost, seq: 10 }] });
    await settle();
    expect(host.calls.filter(({ method }) => method === 'session.follow')).toHaveLength(2);
    expect(seen).toEqual([1, 2, 3]);
  });

  test('follows again what was cut off before its answer came', async () => {
    const { host, link, timers, seen, cut, states } = setUp();
    const id = host.addSession();
    const lost: string[] = [];
    link.lost.on(({ reason }) => lost.push(reason));
    link.start();
    await settle();
    const { handlers } = host;
    const follow = handlers['session.follow'];
    handlers['session.follow'] = () => new Promise<never>(() => {});
    link.follow(id);
    await settle();
    cut();
    handlers['session.follow'] = follow;
    await settle();
    timers.advance(10_000);
    await settle();
    expect([states.at(-1), lost, seen]).toEqual(['up', [], [1, 2]]);
  });
});
