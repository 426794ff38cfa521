import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changesText } from '../../../../src/cli/output/changes-text.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import type { Changes, LandResult } from '../../../../src/protocol/session/workspace.ts';
import { CliBench } from '../run-cli.ts';

const ID = 's_000000000001';
const changes: Changes = {
  files: [
    { path: 'src/a.ts', status: 'modified', insertions: 3, deletions: 1, binary: false },
    { path: 'logo\u001b[2J.png', status: 'added', insertions: 0, deletions: 0, binary: true },
    { path: 'b', from: 'a', status: 'renamed', insertions: 0, deletions: 0, binary: false },
  ],
  total: 4,
  insertions: 3,
  deletions: 1,
  branch: 'porchlight/fix',
  base: 'main',
  commits: 2,
  uncommitted: true,
  landed: false,
};
const landed: LandResult = {
  outcome: 'landed',
  base: 'main',
  commit: '0123456789abcdef',
  commits: 2,
  conflicts: [],
};

let bench: CliBench;
beforeEach(async () => {
  bench = new CliBench();
  await bench.up();
});
afterEach(async () => await bench.down());

test('changes are told like git tells them, without what could move the cursor', () => {
  expect(changesText(changes)).toBe(
    [
      'porchlight/fix → main: 2 commits and uncommitted work',
      ' src/a.ts                  | 4 +++-',
      ' logo‹U+001B›[2J.png (new) | Bin',
      ' a → b                     | 0',
      ' … and 1 more file',
      ' 4 files changed, 3 insertions(+), 1 deletion(-)',
    ].join('\n'),
  );
});

test('changes gives the JSON of the contract, and the patch when asked', async () => {
  bench.host.handlers['session.changes'] = ({ patch }) =>
    patch ? { ...changes, patch: '+x\u001b\n' } : changes;
  expect((await bench.json('changes', ID)).value).toEqual(changes);
  expect((await bench.run(['changes', ID, '--patch'])).stdout).toBe('+x‹U+001B›\n');
});

test('land asks for the way, exits 1 on a conflict with its files, and 0 when there is nothing', async () => {
  const asked: unknown[] = [];
  let answer: LandResult = landed;
  bench.host.handlers['session.land'] = ({ way, message }) => {
    asked.push([way, message]);
    return answer;
  };
  expect((await bench.json('land', ID)).value).toEqual(landed);
  await bench.json('land', ID, '--squash', '--message', 'Fix');
  await bench.json('land', ID, '--cherry-pick');
  expect(asked).toEqual([
    ['merge', undefined],
    ['squash', 'Fix'],
    ['cherry-pick', undefined],
  ]);
  expect((await bench.run(['land', ID, '--squash', '--cherry-pick'])).code).toBe(2);
  answer = { ...landed, outcome: 'conflict', commit: null, commits: 0, conflicts: ['a', 'b'] };
  const conflict = await bench.json('land', ID);
  expect([conflict.code, conflict.value, conflict.stderr]).toEqual([
    1,
    undefined,
    expect.stringContaining('both changed a, b. Neither was touched'),
  ]);
  answer = { ...landed, outcome: 'nothing', commits: 0 };
  expect((await bench.run(['land', ID])).stdout).toBe('Nothing to land: main has all of it.\n');
});

test('discard refuses without a person where work would be lost, asks one, and obeys --force', async () => {
  const asked: boolean[] = [];
  bench.host.handlers['session.discard'] = ({ force }) => {
    asked.push(force);
    if (!force) throw new RpcFailure('refused', 'It would lose x.', { kind: 'wouldLose' });
    return { keptAs: 'refs/porchlight/kept/fix' };
  };
  const told = await bench.json('discard', ID);
  expect([told.code, told.value, told.stderr]).toEqual([
    1,
    undefined,
    'porchlight: It would lose x.\n',
  ]);
  const person = (words: string) => ({ interactive: true, stdin: Readable.from([words]) });
  const no = await bench.run(['discard', ID], person('n\n'));
  const yes = await bench.run(['discard', ID], person('y\n'));
  expect([no.code, yes.code, yes.stdout]).toEqual([
    1,
    0,
    expect.stringContaining('kept: git log refs/porchlight/kept/fix'),
  ]);
  expect((await bench.json('discard', ID, '--force')).value).toEqual({
    keptAs: 'refs/porchlight/kept/fix',
  });
  expect(asked).toEqual([false, false, false, true, true]);
});
