import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import type { Rule } from '../../../../src/protocol/rules/rule.ts';
import { NOON, RulesBench } from './rules-bench.ts';

let bench: RulesBench;
beforeEach(() => {
  bench = new RulesBench();
});

const stored = (): unknown => JSON.parse(readFileSync(bench.file, 'utf8'));
const allow = (rule: Partial<Rule>): Rule => ({ decision: 'allow', ...rule });

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof RpcFailure) return error.message;
    throw error;
  }
  return 'done';
}

describe('writing rules', () => {
  it('makes the file at first need, for its user alone', () => {
    const { writing } = bench.host();
    const { row } = writing.add(allow({ command: 'make' }));
    expect([row.n, row.text, stored(), lstatSync(bench.file).mode & 0o777]).toEqual([
      1,
      'allow command "make"',
      { version: 1, rules: [{ decision: 'allow', command: 'make' }] },
      0o600,
    ]);
  });

  it('adds an equal one once, and a grant anew when it was used', () => {
    const { writing, book, rows } = bench.host();
    const grant = allow({ command: 'make', uses: 2 });
    const ids = [writing.add(grant).row.id, writing.add(grant).row.id];
    bench.wallMs += 1_000;
    const [first = ''] = ids;
    book.used({ putMeta: (key, value) => void bench.meta.set(key, value) }, first);
    ids.push(writing.add(grant).row.id);
    expect([ids[0] === ids[1], ids[0] === ids[2], rows().map(({ usesLeft }) => usesLeft)]).toEqual([
      true,
      false,
      [1, 2],
    ]);
  });

  it('keeps what an editor has written in between, and what two hosts of the same file add', () => {
    const [one, two] = [bench.host(), bench.host()];
    one.writing.add(allow({ command: 'one' }));
    bench.writeUser([{ decision: 'deny', command: 'mine', note: 'by hand' }]);
    two.writing.add(allow({ command: 'two' }));
    one.writing.add(allow({ command: 'three' }));
    expect([one.rows(), two.rows()].map((rows) => rows.map(({ text }) => text))).toEqual(
      Array.from({ length: 2 }, () => [
        'deny command "mine"',
        'allow command "two"',
        'allow command "three"',
      ]),
    );
  });

  it('is not troubled by what a host left that was killed between writing and renaming', () => {
    bench.host().writing.add(allow({ command: 'one' }));
    writeFileSync(`${bench.file}.new`, '{"rules":[{"deci');
    writeFileSync(join(bench.home, 'rules-good.json.new'), '{');
    const host = bench.host();
    const before = host.rows().map(({ text }) => text);
    host.writing.add(allow({ command: 'two' }));
    expect([before, host.rows().length]).toEqual([['allow command "one"'], 2]);
  });

  it('refuses what could not be read back, is over, or would never decide anything', () => {
    const { writing } = bench.host();
    expect(
      [
        allow({ command: 'a; b' }),
        allow({ path: '../x' }),
        allow({ path: '{a' }),
        allow({ host: 'http://x' }),
        allow({ command: 'make', fresh: true }),
        allow({ command: 'make', until: new Date(NOON).toISOString() }),
        allow({ path: join(bench.home, '**') }),
        allow({ command: 'porchlight approve' }),
      ].map((rule) => refusal(() => writing.add(rule)) !== 'done'),
    ).toEqual(Array.from({ length: 8 }, () => true));
    expect(() => readFileSync(bench.file)).toThrow('ENOENT');
  });

  it('removes only the own ones, and says whose another is', () => {
    bench.writeUser([{ decision: 'allow', command: 'one' }]);
    bench.writeProject([{ decision: 'deny', command: 'two' }]);
    bench.writePolicy({ rules: [{ decision: 'deny', command: 'three' }] });
    const { writing, rows } = bench.host();
    const [own, projects, administrators] = rows().map(({ id }) => id);
    expect([
      refusal(() => writing.remove(own ?? '')),
      refusal(() => writing.remove(own ?? '')),
      refusal(() => writing.remove(projects ?? '')).slice(0, 29),
      refusal(() => writing.remove(administrators ?? '')).slice(0, 35),
      stored(),
    ]).toEqual([
      'done',
      `There is no rule ${own}: see "porchlight rules".`,
      'That rule is the project’s ow',
      "That rule is the administrator's: o",
      { version: 1, rules: [] },
    ]);
  });

  it('writes nothing to a bad file', () => {
    writeFileSync(bench.file, '{"rules": [}', { mode: 0o600 });
    const { writing } = bench.host();
    expect(refusal(() => writing.add(allow({ command: 'make' })))).toContain('line 1, column 12');
    expect(readFileSync(bench.file, 'utf8')).toBe('{"rules": [}');
  });

  it('takes its own ended grants out of the file after a day, and leaves what people wrote', () => {
    bench.writeUser([{ decision: 'allow', command: 'hand', until: '2026-05-01T13:00:00Z' }]);
    const { writing, rows } = bench.host();
    writing.add(allow({ command: 'made', until: '2026-05-01T13:00:00Z' }));
    const counts = [rows().length];
    for (const hours of [2, 25]) {
      bench.wallMs = NOON + hours * 3_600_000;
      counts.push(rows().filter(({ notInForce }) => notInForce !== undefined).length);
      writing.sweep();
    }
    bench.wallMs = NOON + 28 * 3_600_000;
    writing.sweep();
    expect([counts, rows(), stored()]).toEqual([
      [2, 2, 2],
      [],
      {
        version: 1,
        rules: [{ decision: 'allow', command: 'hand', until: '2026-05-01T13:00:00Z' }],
      },
    ]);
  });
});
