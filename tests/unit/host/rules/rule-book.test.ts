import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { RulesBench } from './rules-bench.ts';

let bench: RulesBench;
beforeEach(() => {
  bench = new RulesBench();
});

const ALLOW = { decision: 'allow', command: 'make' };
const DENY = { decision: 'deny', command: 'make' };

describe('the book of all rules', () => {
  it('holds what is in the files, from the moment that it is there', () => {
    const host = bench.host();
    const seen = [host.judge('make')];
    bench.writeUser([ALLOW]);
    seen.push(host.judge('make'));
    bench.writeProject([DENY]);
    seen.push(host.judge('make'));
    rmSync(join(bench.project, '.porchlight'), { recursive: true });
    seen.push(host.judge('make'));
    bench.writePolicy({ rules: [{ decision: 'ask', command: 'make' }] });
    seen.push(host.judge('make'));
    bench.writePolicy({ rules: [] });
    bench.writeUser([]);
    seen.push(host.judge('make'));
    expect(seen).toEqual([
      'ask',
      'allow by user',
      'deny by project',
      'allow by user',
      'ask by policy',
      'ask',
    ]);
  });

  it('is made ready once for as long as nothing changes', () => {
    bench.writeUser([ALLOW]);
    const { book, judge } = bench.host();
    const before = book.current();
    judge('make');
    const same = book.current() === before;
    bench.writeUser([DENY]);
    expect([same, book.current() === before]).toEqual([true, false]);
  });

  it('lets a project allow only while it is trusted and as it was read', () => {
    bench.writeProject([ALLOW]);
    const host = bench.host();
    const hash = () => host.book.files()[1]?.about.project?.hash ?? '';
    const seen = [host.judge('make')];
    host.trust.set(bench.project, hash());
    seen.push(host.judge('make'), bench.host().judge('make'));
    bench.writeProject([ALLOW, { decision: 'allow', command: 'rm' }]);
    seen.push(host.judge('make'));
    expect([seen, host.book.files()[1]?.about]).toEqual([
      ['ask', 'allow by project', 'allow by project', 'ask'],
      {
        source: 'project',
        path: join(bench.project, '.porchlight', 'rules.json'),
        state: 'untrusted',
        problem: `it has changed since you trusted it: look at it, then porchlight rules trust '${bench.project}'`,
        rules: 2,
        project: { folder: bench.project, hash: hash() },
      },
    ]);
  });

  it('keeps of a bad file of a project what tightens, over a restart, and none of what was trusted', () => {
    bench.writeProject([ALLOW, { decision: 'deny', command: 'npm publish' }]);
    const host = bench.host();
    host.trust.set(bench.project, host.book.files()[1]?.about.project?.hash ?? '');
    const before = [host.judge('make'), host.judge('npm publish')];
    bench.writeProject('{"rules":[');
    const after = [host.judge('make'), host.judge('npm publish')];
    const next = bench.host();
    expect([before, after, next.judge('make'), next.judge('npm publish')]).toEqual([
      ['allow by project', 'deny by project'],
      ['ask', 'deny by project'],
      'ask',
      'deny by project',
    ]);
  });

  it('lets nobody allow anything while the policy is there and cannot be read', () => {
    bench.writeUser([ALLOW, { decision: 'deny', command: 'npm publish' }]);
    const host = bench.host();
    const before = host.judge('make');
    mkdirSync(join(bench.etc, 'policy.json'));
    const during = [host.judge('make'), host.judge('npm publish'), host.rows()[0]?.notInForce];
    rmSync(join(bench.etc, 'policy.json'), { recursive: true });
    expect([before, during, host.judge('make')]).toEqual([
      'allow by user',
      [
        'ask',
        'deny by user',
        "the administrator's policy cannot be read: nothing is allowed by a rule until it can",
      ],
      'allow by user',
    ]);
  });

  it('lets nobody trust a project where the administrator says so, and forgets no trust by that', () => {
    bench.writeProject([ALLOW]);
    const host = bench.host();
    host.trust.set(bench.project, host.book.files()[1]?.about.project?.hash ?? '');
    bench.writePolicy({ projectRules: 'tightenOnly' });
    const bound = host.judge('make');
    rmSync(join(bench.etc, 'policy.json'));
    expect([bound, host.judge('make')]).toEqual(['ask', 'allow by project']);
  });

  it('says of a rule that it can never matter, since another denies the same', () => {
    bench.writeUser([ALLOW, DENY, { ...ALLOW, folder: '/other' }]);
    expect(
      bench
        .host()
        .rows()
        .map(({ n, notInForce }) => [n, notInForce]),
    ).toEqual([
      [1, 'a rule denies the same: deny command "make"'],
      [2, undefined],
      [3, undefined],
    ]);
  });

  it('holds 10,000 rules', () => {
    const rules = Array.from({ length: 10_000 }, (_, i) => ({
      decision: i % 3 === 0 ? 'deny' : 'allow',
      command: `task-${i}`,
    }));
    bench.writeUser(rules);
    const host = bench.host();
    expect([host.judge('task-3'), host.judge('task-4'), host.rows().length]).toEqual([
      'deny by user',
      'allow by user',
      10_000,
    ]);
  });
});
