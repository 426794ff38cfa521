import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { silentLogger } from '../../src/base/log.ts';
import { systemTimers } from '../../src/connection/timers.ts';
import { RelayLink } from '../../src/host/relay/relay-link.ts';
import { dialRelay } from '../../src/host/relay/relay-socket.ts';
import { HOST_PROOF_TAG, proofText } from '../../src/protocol/relay.ts';
import { connectHost, HostKey } from '../support/relay-clients.ts';
import { relayProgram } from '../support/relay-under-test.ts';
import { TcpBalancer } from '../support/tcp-balancer.ts';

const HOSTS = 40;

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function node(balancer: TcpBalancer, args: readonly string[]) {
  const relay = await relayProgram(['--name', balancer.authority, ...args]);
  stops.push(relay.stop);
  const port = Number(new URL(relay.url).port);
  balancer.add(port);
  await expect.poll(() => balancer.ready.includes(port), { timeout: 5_000 }).toBe(true);
  return relay;
}

/** A real host's link; `gaps` are how long it was away, and how long it had meant to be. */
function hostOf(relay: string) {
  const key = new HostKey();
  const gaps: { tookMs: number; delayMs: number; code: unknown }[] = [];
  let lost: { atMs: number; delayMs: number; code: unknown } | null = null;
  const link = new RelayLink({
    relay,
    keys: {
      relayKey: key.public,
      prove: (nonce, authority) =>
        key.sign(proofText(HOST_PROOF_TAG, nonce, authority, key.channel)),
    },
    revocations: () => ({ revoked: [], epoch: 0 }),
    onDevice() {},
    dial: dialRelay,
    timers: systemTimers,
    random: Math.random,
    logger: {
      ...silentLogger,
      info: ({ delayMs, code }) =>
        (lost = { atMs: performance.now(), delayMs: Number(delayMs), code }),
      warn: ({ delayMs, code }) =>
        (lost = { atMs: performance.now(), delayMs: Number(delayMs), code }),
    },
    maxRetryMs: 30_000,
  });
  link.states.on(({ kind }) => {
    if (kind !== 'up' || lost === null) return;
    const { atMs, ...rest } = lost;
    gaps.push({ tookMs: performance.now() - atMs, ...rest });
    lost = null;
  });
  link.start();
  stops.push(() => link.stop('the test is over'));
  return { link, gaps };
}

test('in a rolling restart each host is away once, for little more than its own pause', async () => {
  const balancer = await TcpBalancer.start();
  stops.push(async () => await balancer.close());
  const first = await node(balancer, ['--drain-seconds', '2']);
  const hosts = Array.from({ length: HOSTS }, () => hostOf(balancer.url));
  const up = () => hosts.filter(({ link }) => link.state.kind === 'up').length;
  await expect.poll(up, { timeout: 5_000 }).toBe(HOSTS);
  await node(balancer, []);
  const gone = once(first.child, 'exit');
  first.child.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
  await expect.poll(up, { timeout: 5_000 }).toBe(HOSTS);
  const gaps = hosts.flatMap((host) => host.gaps);
  expect(gaps.map(({ code }) => code)).toEqual(Array.from({ length: HOSTS }, () => 1012));
  const beyond = gaps.map(({ tookMs, delayMs }) => tookMs - delayMs).toSorted((a, b) => a - b);
  expect(beyond[HOSTS / 2]).toBeLessThan(100);
  // The machine of a test is busy with others.
  expect(beyond.at(-1)).toBeLessThan(1_000);
});

test('a second SIGTERM, and SIGINT, end a relay at once', async () => {
  for (const signals of [['SIGTERM', 'SIGTERM'], ['SIGINT']] as const) {
    const relay = await relayProgram(['--drain-seconds', '60']);
    stops.push(relay.stop);
    const host = await connectHost(relay, new HostKey());
    const gone = once(relay.child, 'exit');
    const began = Date.now();
    for (const signal of signals) {
      relay.child.kill(signal);
      if (signals.length > 1)
        await expect
          .poll(async () => (await fetch(`${relay.url}/readyz`).catch(() => null))?.status ?? 503)
          .toBe(503);
    }
    expect([await gone, (await host.closed).code]).toEqual([[0, null], 1001]);
    expect(Date.now() - began).toBeLessThan(3_000);
  }
});
