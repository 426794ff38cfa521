import { expect, test } from 'vitest';
import { deviceSetUp, RELAY, settle } from './support.ts';

test('connects through the relay with one go of messages, and follows', async () => {
  const { relay, host, surface, states, start, stop, signed, counters, link } = deviceSetUp();
  const id = host.addSession();
  const seen: number[] = [];
  surface.followed.on(({ result }) => seen.push(...result.events.map(({ seq }) => seq)));
  surface.events.on(({ events }) => seen.push(...events.map(({ seq }) => seq)));
  surface.followDesk();
  surface.follow(id);
  await start();
  host.append(id, { type: 'agent.text', text: 'a' });
  await settle();
  expect([states, seen, counters]).toEqual([['connecting', 'up'], [1, 2, 3], [1]]);
  expect(relay.seats.map(({ url, said }) => [url, said.map(({ type }) => type)])).toEqual([
    [`ws${RELAY.slice(4)}/v1/connect`, ['device']],
  ]);
  // The relay's own name is signed, so that another relay cannot pass its challenge on.
  expect(signed[0]).toMatch(
    /^porchlight relay device v1\0n{43} relay\.test:7410 [\w-]{22}\.[\w-]{22}$/,
  );
  expect(link.watch.facts).toMatchObject({ relay: { up: true }, host: { here: true } });
  stop();
});

test('waits at the relay while the host is away, and connects when it comes', async () => {
  const { relay, surface, states, start, stop, pass, counters, link } = deviceSetUp();
  relay.hostGoes();
  await start();
  await pass(60);
  expect([states, relay.dials, surface.state]).toEqual([
    ['connecting', 'away'],
    1,
    expect.objectContaining({ reason: expect.stringContaining('not connected to the relay') }),
  ]);
  expect(link.watch.facts.host.here).toBe(false);
  relay.hostComes();
  await settle();
  expect([states, relay.dials]).toEqual([['connecting', 'away', 'connecting', 'up'], 1]);
  expect(new Set(counters).size).toBe(counters.length);
  stop();
});

test('is back at once on the same line when the host restarts', async () => {
  const { relay, host, surface, states, start, stop, link } = deviceSetUp();
  const id = host.addSession();
  const seen: number[] = [];
  surface.followed.on(({ result }) => seen.push(...result.events.map(({ seq }) => seq)));
  surface.follow(id);
  await start();
  relay.hostGoes();
  await settle();
  const whileAway = link.watch.facts;
  host.append(id, { type: 'agent.text', text: 'meanwhile' });
  relay.hostComes();
  await settle();
  expect([states, relay.dials, seen]).toEqual([
    ['connecting', 'up', 'away', 'connecting', 'up'],
    1,
    [1, 2, 3],
  ]);
  expect([whileAway.relay.up, whileAway.host.here]).toEqual([true, false]);
  stop();
});

test('says in words that its pairing was ended, and does not go on knocking', async () => {
  const { relay, surface, timers, start, stop } = deviceSetUp();
  relay.refuse = { type: 'refused', code: 'revoked', message: 'no' };
  await start();
  timers.advance(600_000);
  await settle();
  expect([surface.state, relay.dials]).toEqual([
    { kind: 'refused', reason: expect.stringContaining('was ended on the computer') },
    1,
  ]);
  stop();
});

test('a relay that is busy is tried again later', async () => {
  const { relay, surface, timers, start, stop } = deviceSetUp();
  relay.refuse = { type: 'refused', code: 'busy', message: 'Too many.' };
  await start();
  expect(surface.state).toMatchObject({ kind: 'down', reason: 'The relay is busy: Too many.' });
  relay.refuse = null;
  timers.advance(200);
  await settle();
  expect(surface.state.kind).toBe('up');
  stop();
});

test('notices within 15 s of being looked at that a line is half-open', async () => {
  const { relay, surface, timers, start, stop } = deviceSetUp();
  await start();
  relay.mode = 'silent';
  timers.advance(14_999);
  await settle();
  expect(surface.state.kind).toBe('up');
  timers.advance(1);
  await settle();
  expect(surface.state).toMatchObject({ kind: 'down', reason: 'The relay does not answer.' });
  stop();
});

test('a host that is silent behind a relay that answers is noticed too', async () => {
  const { relay, surface, pass, start, stop } = deviceSetUp();
  await start();
  const [seat] = relay.seats;
  // The relay drops what it should carry, and answers its own pings.
  Object.assign(seat!, { toHost: () => {}, toDevice: () => {} });
  await pass(15);
  expect(surface.state).toMatchObject({ kind: 'down', reason: 'The computer does not answer.' });
  stop();
});

test('a page that nobody looks at sends nothing, and checks at once when somebody does', async () => {
  const { relay, presence, timers, start, stop, link } = deviceSetUp();
  await start();
  const pings = (): number => relay.seats[0]!.said.filter(({ type }) => type === 'ping').length;
  timers.advance(10_000);
  await settle();
  expect([pings(), link.watch.facts.checked]).toEqual([
    1,
    { atMs: timers.nowMs(), tookMs: expect.any(Number) },
  ]);
  presence.set({ isVisible: false });
  const before = pings();
  timers.advance(3_600_000);
  await settle();
  expect([pings(), relay.dials]).toEqual([before, 1]);
  presence.set({ isVisible: true });
  await settle();
  expect(pings()).toBe(before + 1);
  stop();
});

test('tries at once when the network is back, whatever it was waiting for', async () => {
  const { relay, surface, presence, timers, start, stop } = deviceSetUp();
  relay.mode = 'blocked';
  await start();
  for (let i = 0; i < 6; i += 1) {
    timers.advance(10_000);
    await settle();
  }
  relay.mode = 'speaks';
  presence.set({ isOnline: false });
  presence.set({ isOnline: true });
  await settle();
  expect(surface.state.kind).toBe('up');
  stop();
});

test('what the host says counts as heard, what only the relay says does not', async () => {
  const { relay, start, stop, timers, link } = deviceSetUp();
  relay.hostGoes();
  await start();
  timers.advance(10_000);
  await settle();
  expect(link.watch.facts).toMatchObject({
    relay: { up: true, rttMs: expect.any(Number) },
    heardAtMs: null,
    checked: null,
  });
  relay.hostComes();
  await settle();
  expect(link.watch.facts.heardAtMs).toBe(timers.nowMs());
  stop();
});

test('a connection of one go after the other never uses a counter twice', async () => {
  const { relay, start, stop, pass, counters, states } = deviceSetUp();
  await start();
  for (let i = 0; i < 5; i += 1) {
    relay.openSeats[0]?.end(1006, 'cut');
    await settle();
    // Each was lost at once: the longest wait after so many.
    await pass(4);
  }
  expect(counters).toEqual([1, 2, 3, 4, 5, 6]);
  expect(states.filter((kind) => kind === 'up')).toHaveLength(6);
  stop();
});

test('messages of a newer relay are passed over', async () => {
  const { relay, surface, start, stop } = deviceSetUp();
  await start();
  // A newer relay's word for something.
  relay.seats[0]?.tell({ type: 'weather', rain: true } as never);
  await settle();
  expect(surface.state.kind).toBe('up');
  stop();
});

test.each([1012, 1001])(
  'sent away with %i it is back soon, and counts no failure',
  async (code) => {
    const { relay, surface, start, stop, timers } = deviceSetUp();
    await start();
    relay.seats[0]?.end(code, 'This relay stops.');
    await settle();
    expect(surface.state).toEqual({
      kind: 'down',
      failures: 0,
      reason: 'This relay stops.',
      retryAtMs: timers.nowMs() + 300,
    });
    timers.advance(300);
    await settle();
    expect([surface.state.kind, relay.dials]).toEqual(['up', 2]);
    // Nobody is to be sent to and fro as fast as can be.
    relay.seats[1]?.end(code, '');
    await settle();
    expect(surface.state).toMatchObject({ kind: 'down', failures: 1 });
    stop();
  },
);

test('sent away while it waits for its host it is back soon too', async () => {
  const { relay, surface, start, stop, timers } = deviceSetUp();
  relay.hostGoes();
  await start();
  relay.seats[0]?.end(1012, '');
  await settle();
  expect(surface.state).toMatchObject({ kind: 'down', failures: 0 });
  timers.advance(300);
  await settle();
  expect([surface.state.kind, relay.dials]).toEqual(['away', 2]);
  stop();
});
