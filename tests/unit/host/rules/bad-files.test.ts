import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { commandProblem } from '../../../../src/host/rules/command-problem.ts';
import { parseRuleFile } from '../../../../src/host/rules/parse-file.ts';
import { readSafely } from '../../../../src/host/rules/safe-read.ts';
import { rulesFileSchema } from '../../../../src/protocol/rules/rule.ts';
import { ME, ownFolder } from './rules-home.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = ownFolder();
  path = join(folder, 'rules.json');
});

/** What a file on disk comes to: its rules, or why not. */
function look(): unknown {
  const read = readSafely(path, ME);
  if (read.kind === 'none') return 'none';
  if (read.kind !== 'read') return `${read.kind}: ${read.problem.replaceAll(folder, '<F>')}`;
  const parsed = parseRuleFile(read.bytes, rulesFileSchema, commandProblem);
  return parsed.ok ? parsed.value.rules : parsed.problem;
}

function withText(text: string | Buffer): unknown {
  writeFileSync(path, text, { mode: 0o600 });
  return look();
}

function withRule(rule: object): unknown {
  return withText(JSON.stringify({ rules: [rule] }));
}

const DENY = '{"rules":[{"decision":"deny"}]}';

describe('a file of rules', () => {
  it('is read, with or without its version, and need not be there', () => {
    expect([look(), withText(DENY), withText('{"version":1,"rules":[]}')]).toEqual([
      'none',
      [{ decision: 'deny' }],
      [],
    ]);
  });

  it('that cannot be understood is refused with its line, column and key', () => {
    expect([
      withText(''),
      withText('hello'),
      withText('{"rules":[]} {}'),
      withText('{"rules":[],}'),
      withText("{'rules':[]}"),
      withText(`${'['.repeat(50_000)}`),
      withText('\uFEFF{"rules":[]}'),
      withText(Buffer.from([0x7b, 0xff, 0x7d])),
      withText('{"rules":[\n  {"decision":"deny",\n   "decision":"allow"}]}'),
      withText('{"rules":[],"rules":[]}'),
      withText('{"rules":[],"r\\u0075les":[]}'),
      withText('[]'),
      withText('{}'),
      withText('{"version":2,"rules":[]}'),
      withText('{"rules":[\n  {"decision":"deny","comand":"rm"},\n  {"decision":"perhaps"}]}'),
      withText('{"rules":[{"decision":"deny","__proto__":{"decision":"allow"}}]}'),
    ]).toEqual([
      'line 1, column 1: it is not JSON that can be used: it ends too early',
      'line 1, column 1: it is not JSON that can be used: a value is missing or wrong',
      'line 1, column 14: it is not JSON that can be used: nothing more may follow here',
      'line 1, column 13: it is not JSON that can be used: a text in double quotes is missing or wrong',
      'line 1, column 2: it is not JSON that can be used: a text in double quotes is missing or wrong',
      'line 1, column 22: it is not JSON that can be used: it is nested deeper than 20',
      'it begins with a byte order mark: save it as UTF-8 without one',
      'it is not UTF-8: save it so',
      'line 3, column 4: it is not JSON that can be used: "decision" stands twice in one object',
      'line 1, column 13: it is not JSON that can be used: "rules" stands twice in one object',
      'line 1, column 13: it is not JSON that can be used: "rules" stands twice in one object',
      'line 1, column 1: the whole file must be an object',
      'line 1, column 1: rules must be an array',
      'line 1, column 12: version must be one of 1',
      'line 2, column 31: rules.0.comand is not a known key; line 3, column 15: rules.1.decision must be one of allow, deny, ask',
      'line 1, column 42: rules.0.__proto__ is not a known key',
    ]);
  });

  it('with a bad glob, host, folder or word is refused', () => {
    const paths = [
      'src/**/[a-z',
      'src/{a,b',
      'src/}',
      '!src/**',
      'src/+(a|+(b))/c',
      'a*b*c*d*e*f*g',
      '**/a/**/b/**/c/**/d/**/e',
      '{1..1000000}',
      `{${'a,'.repeat(200)}b}`,
      '[z-a]',
      '[[:alpha:]]',
      '../secrets',
      'src/../../etc/passwd',
      '~root/x',
      'src/\u202egnp.exe',
      'a\u0000b',
      'x\\',
    ];
    expect(paths.map((glob) => [glob, typeof withRule({ decision: 'allow', path: glob })])).toEqual(
      paths.map((glob) => [glob, 'string']),
    );
    expect(
      [
        withRule({ decision: 'allow', host: 'https://example.com/' }),
        withRule({ decision: 'allow', host: 'example.com:99999' }),
        withRule({ decision: 'allow', host: 'ex*mple.com' }),
        withRule({ decision: 'allow', host: 'exämple.com' }),
        withRule({ decision: 'allow', mcp: 'server' }),
        withRule({ decision: 'allow', mcp: '*/tool' }),
        withRule({ decision: 'allow', folder: 'src' }),
        withRule({ decision: 'allow', folder: '/a/../b' }),
        withRule({ decision: 'allow', command: ' ' }),
        withRule({ decision: 'allow', fresh: true }),
      ].map((found) => typeof found),
    ).toEqual(Array.from({ length: 10 }, () => 'string'));
    expect(withRule({ decision: 'deny', path: '[z-a]' })).toBe(
      'line 1, column 37: rules.0.path holds the range "[z-a]", which runs backwards',
    );
  });

  it('with globs and hosts that people use is read', () => {
    const rules = [
      { path: 'src/**/*.{ts,tsx}' },
      { path: '~/notes/**' },
      { path: '/home/ada/a b/[a-z]?.txt' },
      { path: 'été/資料/**' },
      { host: '*.example.com:443' },
      { host: '[::1]:8080' },
      { host: 'localhost' },
      { mcp: 'github/*' },
      { mcp: 'files/read_text/raw' },
      { branch: 'feature/**' },
      { folder: '~' },
      { folder: '/home/ada/projekte (alt)' },
    ].map((rule) => ({ decision: 'allow', ...rule }));
    expect(withText(JSON.stringify({ rules }))).toEqual(rules);
  });

  it('is at most 10,000 rules and 4 MiB', () => {
    const rules = Array.from({ length: 10_001 }, () => ({ decision: 'deny' }));
    expect([
      withText(JSON.stringify({ rules })),
      withText(`${' '.repeat(4 * 1024 * 1024)}${DENY}`),
    ]).toEqual([
      'line 1, column 10: rules: Too big: expected array to have <=10000 items',
      'unreadable: it is larger than 4 MiB',
    ]);
  });

  it('with 10,000 rules is read whole', () => {
    const rules = Array.from({ length: 10_000 }, (_, i) => ({
      decision: 'allow',
      command: `npm run task-${i}`,
      path: `src/part-${i}/**`,
    }));
    expect(withText(JSON.stringify({ rules }, null, 2))).toEqual(rules);
  });

  it('with thousands of faults tells the first ones', () => {
    const rules = Array.from({ length: 5_000 }, () => ({ decision: 'allow', path: '{' }));
    expect(withText(JSON.stringify({ rules }))).toMatch(
      /^(line 1, column \d+: [^;]+; ){5}and 4995 more$/,
    );
  });

  it('that is a folder, a fifo, a socket or a link is not even opened', () => {
    mkdirSync(path);
    const asFolder = look();
    rmSync(path, { recursive: true });
    execFileSync('mkfifo', [path]);
    const asFifo = look();
    rmSync(path);
    writeFileSync(join(folder, 'real.json'), DENY, { mode: 0o600 });
    symlinkSync(join(folder, 'real.json'), path);
    expect([asFolder, asFifo, look()]).toEqual([
      'unreadable: it is no regular file: move it away',
      'unreadable: it is no regular file: move it away',
      'unreadable: it is a link: put the file itself there',
    ]);
  });

  it('in a folder that is a link is not followed', () => {
    mkdirSync(join(folder, 'real'), { mode: 0o700 });
    writeFileSync(join(folder, 'real', 'rules.json'), DENY, { mode: 0o600 });
    symlinkSync(join(folder, 'real'), join(folder, 'linked'));
    path = join(folder, 'linked', 'rules.json');
    expect(look()).toBe('unreadable: its folder <F>/linked is a link: make it a folder');
  });

  it('that others may write, or whose folder they may write, is not believed', () => {
    withText(DENY);
    const seen: unknown[] = [];
    for (const mode of [0o602, 0o620]) {
      chmodSync(path, mode);
      seen.push(look());
    }
    chmodSync(path, 0o600);
    for (const mode of [0o707, 0o770, 0o1777]) {
      chmodSync(folder, mode);
      seen.push(look());
    }
    expect(seen).toEqual([
      "open: it can be written by everybody: chmod go-w '<F>/rules.json'",
      "open: it can be written by a group: chmod go-w '<F>/rules.json'",
      "open: its folder <F> can be written by everybody: chmod go-w '<F>'",
      "open: its folder <F> can be written by a group: chmod go-w '<F>'",
      "open: its folder <F> can be written by everybody: chmod go-w '<F>'",
    ]);
  });

  it('may be written by a group that is only the user', () => {
    withText(DENY);
    chmodSync(path, 0o660);
    const own = { ...ME, ownGroup: lstatSync(path).gid };
    expect(readSafely(path, own).kind).toBe('read');
  });

  it.runIf(process.getuid?.() === 0)('that belongs to another user is not believed', () => {
    withText(DENY);
    chownSync(path, 12_345, 12_345);
    expect(look()).toBe('open: it belongs to another user (12345)');
  });

  it.skipIf(process.getuid?.() === 0)('that cannot be read is refused', () => {
    withText(DENY);
    chmodSync(path, 0o000);
    expect(look()).toBe('unreadable: it cannot be read (EACCES): make it readable for you');
  });
});
