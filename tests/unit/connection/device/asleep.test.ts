import { expect, test } from 'vitest';
import { LinkWatch } from '../../../../src/connection/device/link-facts.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { deviceSetUp, settle } from './support.ts';

const at = (ms: number): string => new Date(ms).toISOString();

test('what the host said sealed before it slept holds until the host is heard on a new channel', async () => {
  const { relay, host, timers, start, stop, link } = deviceSetUp();
  const sleep = () => {
    const { asleepSinceMs, asleepSaidBy } = link.watch.facts.host;
    return [asleepSinceMs, asleepSaidBy];
  };
  await start();
  const since = timers.nowMs();
  host.tell('host.sleeping', { at: at(since), why: 'You put it to sleep.' });
  await settle();
  // What was on its way still comes.
  host.tell('desk.problems', { problems: [] });
  await settle();
  const before = sleep();
  relay.hostGoes();
  timers.advance(5_000);
  await settle();
  const meanwhile = sleep();
  relay.hostComes();
  await settle();
  expect([before, meanwhile, sleep()]).toEqual([
    [since, 'host'],
    [since, 'host'],
    [null, null],
  ]);
  stop();
});

test('a host that says it is back, on the line that stood, sleeps no more', async () => {
  const { host, timers, start, stop, link } = deviceSetUp();
  await start();
  const since = at(timers.nowMs());
  host.tell('host.sleeping', { at: since, why: '' });
  host.tell('host.woke', { from: since, to: since, why: '' });
  await settle();
  expect(link.watch.facts.host).toMatchObject({ asleepSinceMs: null, asleepSaidBy: null });
  stop();
});

test('a device that was not there is told by the relay, whose word is a hint and ends with it', async () => {
  const { relay, timers, start, stop, link } = deviceSetUp();
  relay.hostGoes('2026-11-21T14:02:00.000Z');
  timers.advance(Date.parse('2026-11-21T15:00:00.000Z') - timers.nowMs());
  await start();
  const told = link.watch.facts.host;
  relay.hostComes();
  await settle();
  expect([told, link.watch.facts.host]).toMatchObject([
    { here: false, asleepSinceMs: Date.parse('2026-11-21T14:02:00.000Z'), asleepSaidBy: 'relay' },
    { here: true, asleepSinceMs: null, asleepSaidBy: null },
  ]);
  stop();
});

test('the relay cannot talk a host asleep that said another time itself, nor awake', () => {
  const timers = new FakeTimers();
  timers.advance(10_000_000);
  const watch = new LinkWatch(timers, { asleepSinceMs: 5_000_000 });
  const said = () => [watch.facts.host.asleepSinceMs, watch.facts.host.asleepSaidBy];
  const seen = [said()];
  watch.relayUp(false, at(1_000_000));
  seen.push(said());
  watch.relayDown();
  watch.relayUp(false, null);
  seen.push(said());
  watch.relayUp(true, null);
  seen.push(said());
  watch.woke();
  expect(seen).toEqual(Array.from({ length: 4 }, () => [5_000_000, 'host']));
  expect(said()).toEqual([null, null]);
});

test('a clock there that is ahead of ours puts no sleep into the future', () => {
  const timers = new FakeTimers();
  const watch = new LinkWatch(timers);
  watch.fellAsleep(at(timers.nowMs() + 3_600_000));
  const byHost = watch.facts.host.asleepSinceMs;
  watch.woke();
  watch.relayUp(false, at(timers.nowMs() + 3_600_000));
  expect([byHost, watch.facts.host.asleepSinceMs]).toEqual([timers.nowMs(), timers.nowMs()]);
});
