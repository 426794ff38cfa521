import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { channelIdSchema } from '../../../../src/protocol/relay.ts';
import { nodeIdSchema } from '../../../../src/relay/cluster/node-id.ts';
import { Subjects } from '../../../../src/relay/cluster/subjects.ts';
import { exposition } from '../../../../src/relay/metrics/exposition.ts';
import { Histogram, histogram } from '../../../../src/relay/metrics/histogram.ts';
import { HopWatch } from '../../../../src/relay/metrics/hop-watch.ts';
import { StoreTimes } from '../../../../src/relay/metrics/store-times.ts';
import { MemoryBusNet } from '../../../fakes/memory-bus.ts';
import { MemoryMailStore } from '../../../fakes/memory-mail-store.ts';
import { metricsProblems, readMetrics } from '../../../support/metrics-lint.ts';
import { RelayClock } from '../../../support/relay-clock.ts';
import { servedMetrics } from '../../../support/served-metrics.ts';

test('all that is served is named, typed, explained and measured as Prometheus asks for', async () => {
  const families = readMetrics(await servedMetrics());
  expect(metricsProblems(families)).toEqual([]);
  expect(families.length).toBeGreaterThan(50);
});

test.each([
  [
    '# HELP porchlight_relay_x_total \n# TYPE porchlight_relay_x_total counter\nporchlight_relay_x_total 1\n',
    'has no help',
  ],
  [
    '# HELP porchlight_relay_x H.\n# TYPE porchlight_relay_x counter\nporchlight_relay_x 1\n',
    'ends with _total',
  ],
  [
    '# HELP porchlight_relay_x_ms H.\n# TYPE porchlight_relay_x_ms gauge\nporchlight_relay_x_ms 1\n',
    'base unit',
  ],
  [
    '# HELP porchlight_relay_bytes_x H.\n# TYPE porchlight_relay_bytes_x gauge\nporchlight_relay_bytes_x 1\n',
    'not its end',
  ],
  ['# HELP Other_x H.\n# TYPE Other_x gauge\nOther_x 1\n', 'not named as ours'],
  [
    '# HELP porchlight_relay_x H.\n# TYPE porchlight_relay_x gauge\nporchlight_relay_x{aB="1"} 1\n',
    'the label',
  ],
])('a metric that is not so is found: %#', (text, problem) => {
  expect(metricsProblems(readMetrics(text)).join('\n')).toContain(problem);
});

test('a histogram counts each time in its bucket and all above, the greatest in the last', () => {
  const times = new Histogram([0.1, 1]);
  for (const seconds of [0.05, 0.1, 0.5, 7]) times.observe(seconds);
  const text = exposition([histogram('x_seconds', 'Help.', times.samples('store="a"'))]);
  expect(text).toBe(`# HELP porchlight_relay_x_seconds Help.
# TYPE porchlight_relay_x_seconds histogram
porchlight_relay_x_seconds_bucket{store="a",le="0.1"} 2
porchlight_relay_x_seconds_bucket{store="a",le="1"} 3
porchlight_relay_x_seconds_bucket{store="a",le="+Inf"} 4
porchlight_relay_x_seconds_sum{store="a"} 7.65
porchlight_relay_x_seconds_count{store="a"} 4
`);
  expect(metricsProblems(readMetrics(text))).toEqual([]);
});

test('the way to other nodes is timed every five seconds; what does not arrive is counted', async () => {
  const clock = new RelayClock();
  const net = new MemoryBusNet(clock, () => 0.5);
  const bus = net.join();
  const hops = new HopWatch(bus, new Subjects('t'), nodeIdSchema.parse('n'.repeat(16)), clock);
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10) {
      clock.pass(10);
      await setImmediate();
    }
  };
  net.weather.delayMs = () => 40;
  await pass(10_200);
  net.weather.loss = 1;
  await pass(10_000);
  const shown = exposition(hops.families());
  expect(shown).toContain('_bucket{le="0.025"} 0\n');
  expect(shown).toContain('_bucket{le="0.05"} 2\n');
  expect(shown).toContain('hops_lost_total 1\n');
  hops.close();
});

test('a store is timed until its write is durable, also one that fails', async () => {
  const clock = new RelayClock();
  const times = new StoreTimes(clock);
  const memory = new MemoryMailStore();
  const channel = channelIdSchema.parse('c'.repeat(22));
  const store = times.ofMail(memory);
  memory.before = () => clock.jump(30);
  await store.taken(channel, []);
  memory.before = () => {
    clock.jump(3_000);
    throw new Error('full');
  };
  await expect(store.taken(channel, [])).rejects.toThrow('full');
  const shown = exposition(times.families());
  expect(shown).toContain('_bucket{store="mail",le="0.05"} 1\n');
  expect(shown).toContain('_bucket{store="mail",le="5"} 2\n');
});
