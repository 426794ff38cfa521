import { expect, test } from 'vitest';
import { judgeVersion } from '../../../../src/relay/cluster/server-version.ts';

test('a NATS is good from 2.12 on, risky from 2.9 on, and refused before and where it does not say', () => {
  const kinds = (versions: readonly string[]) =>
    versions.map((version) => [version, judgeVersion(version).kind]);
  expect([
    ...kinds(['2.12.0', '2.12.3', '2.14.0-dev', '2.12.0-RC.1', '3.0.0', 'v2.13.1']),
    ...kinds(['2.9.0', '2.9.10', '2.10.29', '2.11.99']),
    ...kinds(['2.8.4', '1.99.99', '0.0.0', '', '2.12', 'two', '2.12.0.1', '2.12.0 ', '-2.12.0']),
  ]).toEqual([
    ...['2.12.0', '2.12.3', '2.14.0-dev', '2.12.0-RC.1', '3.0.0', 'v2.13.1'].map((version) => [
      version,
      'good',
    ]),
    ...['2.9.0', '2.9.10', '2.10.29', '2.11.99'].map((version) => [version, 'risky']),
    ...['2.8.4', '1.99.99', '0.0.0', '', '2.12', 'two', '2.12.0.1', '2.12.0 ', '-2.12.0'].map(
      (version) => [version, 'refused'],
    ),
  ]);
});

test('both verdicts say what was found, and what to use', () => {
  expect([judgeVersion('2.9.10'), judgeVersion('2.8.4'), judgeVersion('nats')]).toEqual([
    {
      kind: 'risky',
      words:
        'it is NATS 2.9.10, which can lose mail and notes that it has acknowledged, when its machine loses power: use 2.12.0 or newer, with "sync_interval: always".',
    },
    {
      kind: 'refused',
      words: 'it is NATS 2.8.4, and 2.9.0 is the oldest that will do: use 2.12.0 or newer.',
    },
    {
      kind: 'refused',
      words: 'it does not say its version as NATS does: use NATS 2.12.0 or newer.',
    },
  ]);
});
