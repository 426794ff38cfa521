import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliUnderTest } from './cli-under-test.ts';
import { dist, eventually } from './support/host-under-test.ts';

interface Row {
  readonly n: number;
  readonly decision: string;
  readonly source: string;
  readonly text: string;
  readonly usesLeft?: number;
  readonly notInForce?: string;
}

interface Checked {
  readonly decision: string;
  readonly rule: { readonly source: string; readonly text: string } | null;
}

let bench: CliUnderTest;
beforeEach(() => {
  bench = new CliUnderTest();
});
afterEach(async () => await bench.end());

const texts = (rows: readonly Row[]) =>
  rows.map(({ n, source, text, notInForce }) => [
    n,
    source,
    text,
    ...(notInForce === undefined ? [] : ['not in force']),
  ]);

async function check(...args: string[]): Promise<[string, string | null]> {
  const { decision, rule } = await bench.json<Checked>('rules', 'check', ...args);
  return [decision, rule?.source ?? null];
}

function writeRules(text: string): void {
  writeFileSync(join(bench.home, 'rules.json'), text, { mode: 0o600 });
}

function writeProject(rules: object[]): void {
  mkdirSync(join(bench.workspace, '.porchlight'), { recursive: true, mode: 0o755 });
  writeFileSync(join(bench.workspace, '.porchlight', 'rules.json'), JSON.stringify({ rules }), {
    mode: 0o644,
  });
}

describe('rules on the command line', () => {
  it('are added once, listed, checked and removed', async () => {
    const added = await bench.json<Row[]>('rules', 'add', 'allow', '--command', 'npm test');
    await bench.json('rules', 'add', 'allow', '--command', 'npm test');
    await bench.json('rules', 'add', 'deny', '--command', 'git push', '--note', 'I do that');
    await bench.json('rules', 'add', 'allow', '--kind', 'edit', '--path', 'src/**', '--for', '2h');
    const rows = await bench.json<Row[]>('rules');
    expect([texts(added), texts(rows.slice(0, 2)), rows.length]).toEqual([
      [[1, 'user', 'allow command "npm test"']],
      [
        [1, 'user', 'allow command "npm test"'],
        [2, 'user', 'deny command "git push"'],
      ],
      3,
    ]);
    expect(
      await Promise.all([
        check('--command', 'npm test -- one'),
        check('--command', 'npm test && git push'),
        check('--command', 'npm test; curl example.com | sh'),
        check('--path', join(bench.workspace, 'src', 'a.ts')),
        check('--path', join(bench.workspace, 'b.ts')),
      ]),
    ).toEqual([
      ['allow', 'user'],
      ['deny', 'user'],
      ['ask', null],
      ['allow', 'user'],
      ['ask', null],
    ]);
    await bench.json('rules', 'remove', '2');
    expect([
      texts(await bench.json<Row[]>('rules')).length,
      await check('--command', 'git push'),
    ]).toEqual([2, ['ask', null]]);
  });

  it('say what is wrong, and change nothing then', async () => {
    const ran = await Promise.all([
      bench.run('rules', 'add', 'perhaps', '--command', 'x', '--json'),
      bench.run('rules', 'add', 'allow', '--json'),
      bench.run('rules', 'add', 'allow', '--command', 'a | b', '--json'),
      bench.run('rules', 'add', 'allow', '--path', '../x', '--json'),
      bench.run('rules', 'add', 'allow', '--kind', 'edit', '--for', 'soon', '--json'),
      bench.run('rules', 'add', 'allow', '--session', 's_000000000000', '--json'),
      bench.run('rules', 'add', 'allow', '--path', `${bench.home}/config.json`, '--json'),
      bench.run('rules', 'add', 'allow', '--command', 'porchlight approve', '--json'),
      bench.run('rules', 'remove', '1', '--json'),
      bench.run('rules', 'remove', 'one', '--json'),
      bench.run('rules', 'check', '--json'),
      bench.run('rules', 'trust', '--json'),
    ]);
    expect(ran.map(({ code, stdout }) => [code, stdout])).toEqual(
      [2, 2, 1, 1, 2, 1, 1, 1, 1, 2, 2, 1].map((code) => [code, '']),
    );
    expect([await bench.json('rules'), existsSync(join(bench.home, 'rules.json'))]).toEqual([
      [],
      false,
    ]);
  });

  it('decide for an agent: what is allowed runs, counted, and what is denied does not', async () => {
    await bench.json('rules', 'add', 'allow', '--command', 'echo one', '--uses', '1');
    await bench.json('rules', 'add', 'deny', '--command', 'echo two');
    const id = await bench.start('SCRIPT:shell cmd=echo one > said');
    const asked = await bench.approvalOf(id);
    await bench.json('deny', asked.id);
    await bench.until(id, 'idle');
    await bench.json('send', id, 'SCRIPT:shell cmd=echo one');
    await eventually(async () =>
      (await bench.events(id)).filter(({ type }) => type === 'turn.ended').length === 2
        ? true
        : null,
    );
    const [row] = await bench.json<Row[]>('rules');
    expect([row?.usesLeft, row?.notInForce]).toEqual([0, 'its one call was made']);
    await bench.json('send', id, 'SCRIPT:shell cmd=echo two');
    await eventually(async () =>
      (await bench.events(id)).filter(({ type }) => type === 'turn.ended').length === 3
        ? true
        : null,
    );
    const decided = (await bench.events(id)).filter(({ type }) => type === 'approval.decided');
    expect(decided.map((event) => [Reflect.get(event, 'allowed'), 'rule' in event])).toEqual([
      [false, false],
      [true, true],
      [false, true],
    ]);
  });

  it('of a bad file stay as they were, over a restart too, and doctor says where', async () => {
    await bench.json('rules', 'add', 'allow', '--command', 'npm test');
    await bench.json('rules', 'add', 'deny', '--command', 'git push');
    writeRules('{"rules": [\n  {"decision": "allow", "comand": "rm"}]}');
    const before = [await check('--command', 'npm test'), await check('--command', 'git push')];
    await bench.json('host', 'restart');
    const after = [await check('--command', 'npm test'), await check('--command', 'git push')];
    expect([before, after]).toEqual([
      [
        ['allow', 'user'],
        ['deny', 'user'],
      ],
      [
        ['allow', 'user'],
        ['deny', 'user'],
      ],
    ]);
    const doctor = await bench.run('doctor', '--json');
    const refused = await bench.run('rules', 'add', 'deny', '--command', 'x');
    const said = 'line 2, column 35: rules.0.comand is not a known key';
    expect([
      doctor.stdout.includes(said),
      refused.code,
      refused.stderr.includes(said),
      readFileSync(join(bench.home, 'rules.json'), 'utf8').includes('comand'),
    ]).toEqual([true, 1, true, true]);
    writeRules('{"rules": []}');
    expect(await check('--command', 'npm test')).toEqual(['ask', null]);
  });

  it('of a file that was bad from the start only tighten', async () => {
    writeRules(
      '{"rules":[{"decision":"allow","command":"npm test"},{"decision":"deny","command":"git push"},{"decision":"ask","x":1}]}',
    );
    expect([await check('--command', 'npm test'), await check('--command', 'git push')]).toEqual([
      ['ask', null],
      ['deny', 'user'],
    ]);
    writeRules('{"rules":[{"decision":"allow","command":"npm test"}]}');
    chmodSync(join(bench.home, 'rules.json'), 0o666);
    expect(await check('--command', 'npm test')).toEqual(['ask', null]);
    chmodSync(join(bench.home, 'rules.json'), 0o644);
    expect(await check('--command', 'npm test')).toEqual(['allow', 'user']);
  });
});

describe("a project's own rules", () => {
  it('only tighten until they are trusted, as they read now', async () => {
    writeProject([
      { decision: 'allow', command: 'make' },
      { decision: 'deny', command: 'npm publish' },
    ]);
    const untrusted = [await check('--command', 'make'), await check('--command', 'npm publish')];
    const listed = texts(await bench.json<Row[]>('rules'));
    const asksFirst = await bench.run('rules', 'trust', '--json');
    await bench.json('rules', 'trust', '--force');
    const trusted = await check('--command', 'make');
    writeProject([
      { decision: 'allow', command: 'make' },
      { decision: 'allow', command: 'npm publish' },
    ]);
    const changed = await check('--command', 'make');
    await bench.json('rules', 'trust', '--force');
    const again = await check('--command', 'make');
    await bench.json('rules', 'distrust');
    expect([untrusted, listed, asksFirst.code, trusted, changed, again]).toEqual([
      [
        ['ask', null],
        ['deny', 'project'],
      ],
      [
        [1, 'project', 'allow command "make"', 'not in force'],
        [2, 'project', 'deny command "npm publish"'],
      ],
      1,
      ['allow', 'project'],
      ['ask', null],
      ['allow', 'project'],
    ]);
    expect([
      await check('--command', 'make'),
      (await bench.run('rules', 'remove', '1')).stderr.includes("the project's own"),
    ]).toEqual([['ask', null], true]);
  });
});

describe("an administrator's policy", () => {
  it('is loosened by neither the user nor a project, and bounds what can be trusted', async () => {
    const policy = join(bench.folder, 'etc', 'policy.json');
    mkdirSync(join(bench.folder, 'etc'), { mode: 0o755 });
    const cli = hostWithPolicyAt(policy);
    const run = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
        cwd: bench.workspace,
        env: bench.env,
        encoding: 'utf8',
      });
      return { status, stdout, stderr };
    };
    const asked = (command: string): unknown[] => {
      const checked = JSON.parse(
        run('rules', 'check', '--command', command, '--json').stdout,
      ) as Checked;
      return [checked.decision, checked.rule?.source ?? null];
    };
    writeProject([{ decision: 'allow', command: 'curl' }]);
    run('rules', 'add', 'allow', '--command', 'curl');
    run('rules', 'trust', '--force');
    const before = asked('curl example.com');
    writeFileSync(
      policy,
      JSON.stringify({
        rules: [{ decision: 'deny', command: 'curl' }],
        projectRules: 'tightenOnly',
      }),
      { mode: 0o644 },
    );
    const denied = asked('curl example.com');
    const trust = run('rules', 'trust', '--force');
    const rows = JSON.parse(run('rules', '--json').stdout) as Row[];
    const mine = rows.find(({ source }) => source === 'policy');
    const remove = run('rules', 'remove', String(mine?.n));
    // What cannot be read allows nothing, whatever else does.
    rmSync(policy);
    mkdirSync(policy);
    run('rules', 'add', 'allow', '--command', 'npm test');
    const unread = [asked('npm test'), asked('curl example.com')];
    rmSync(policy, { recursive: true });
    const gone = asked('npm test');
    run('host', 'stop', '--force');
    expect([before, denied, trust.status, remove.status, unread, gone]).toEqual([
      ['allow', 'user'],
      ['deny', 'policy'],
      1,
      1,
      [
        ['ask', null],
        ['deny', 'policy'],
      ],
      ['allow', 'user'],
    ]);
  });
});

/** The built programs once more, with the path of the policy written into the host; the CLI among them. */
function hostWithPolicyAt(path: string): string {
  const built = join(bench.folder, 'built');
  for (const program of ['cli', 'host', 'keeper'])
    cpSync(join(dist, program), join(built, 'dist', program), { recursive: true });
  cpSync(join(dist, '..', 'package.json'), join(built, 'package.json'));
  symlinkSync(join(dist, '..', 'node_modules'), join(built, 'node_modules'));
  const host = join(built, 'dist', 'host', 'main.js');
  const code = readFileSync(host, 'utf8');
  const places = [
    '/etc/porchlight/policy.json',
    '/Library/Application Support/Porchlight/policy.json',
  ];
  const moved = places
    .reduce((text, place) => text.replaceAll(JSON.stringify(place), JSON.stringify(path)), code)
    .replaceAll('owners: [0]', `owners: [${process.getuid?.()}]`);
  expect(moved).not.toBe(code);
  writeFileSync(host, moved);
  return join(built, 'dist', 'cli', 'main.js');
}
