import { expect, test } from 'vitest';
import type { RpcFailure } from '../../../../src/protocol/errors.ts';
import type { NotificationName } from '../../../../src/protocol/methods.ts';
import { deviceSetUp, settle } from './support.ts';

test('a device goes on with a newer host that says more than it knows', async () => {
  const { host, surface, start, stop, link } = deviceSetUp();
  const id = host.addSession();
  const { hello } = host.handlers;
  host.handlers.hello = async (params, connection) => ({
    ...(await hello(params, connection)),
    // A field of a later version.
    weather: { rain: true },
  });
  const seen: number[] = [];
  surface.followed.on(({ result }) => seen.push(...result.events.map(({ seq }) => seq)));
  surface.events.on(({ events }) => seen.push(...events.map(({ seq }) => seq)));
  surface.follow(id);
  await start();
  const [connection] = host.connections;
  // A notification of a later version.
  connection?.notify('weather.changed' as NotificationName, { rain: false } as never);
  host.append(id, { type: 'agent.text', text: 'a', mood: 'sunny' } as never);
  // An event of a later version: its number counts.
  const { lastSeq } = host.session(id).state;
  connection?.notify('session.events', {
    sessionId: id,
    events: [{ type: 'weather', rain: true, seq: lastSeq + 1, at: host.now() } as never],
  });
  await settle();
  expect([surface.state.kind, seen, link.watch.facts.host.here]).toEqual([
    'up',
    [1, 2, 3, 4],
    true,
  ]);
  stop();
});

test('a newer device is told in words what an older host does not know, and stays connected', async () => {
  const { host, surface, start, stop } = deviceSetUp();
  host.handlers['folder.places'] = undefined as never;
  await start();
  const failure = (await surface
    .call('folder.places', {})
    .catch((error: unknown) => error)) as RpcFailure;
  expect(failure.message).not.toBe('');
  expect(await surface.call('session.list', {})).toEqual({ sessions: [], problems: [] });
  expect(surface.state.kind).toBe('up');
  stop();
});
