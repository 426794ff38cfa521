import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Launch } from '../../../../src/host/agents/profile.ts';
import { launcherOf } from '../../../../src/host/agents/launchers/launchers.ts';
import { Confinement } from '../../../../src/host/sandbox/confinement.ts';
import type { Probe, Seen } from '../../../../src/host/sandbox/confiner.ts';
import { homeOf } from '../../../../src/local/home.ts';
import type { Config } from '../../../../src/protocol/config.ts';
import type { Mode } from '../../../../src/protocol/mode.ts';
import type { SessionState } from '../../../../src/protocol/session/state.ts';

const NONE: Probe = { works: false, why: 'It is not there.', fix: 'Get it.' };
let root: string;
let probe: Probe;
let shown: readonly Seen[];
let told: (string | null)[];
let config: Config['sandbox'];
let autoNeedsSandbox: boolean;

beforeEach(() => {
  // Not below /tmp, which a sandbox has of its own.
  root = realpathSync(mkdtempSync(join(tmpdir(), 'porchlight-confine-')));
  [shown, told, config, autoNeedsSandbox] = [[], [], undefined, false];
  probe = {
    works: true,
    sandbox: {
      name: 'fake',
      wrap: ({ command, args }, seen) => {
        shown = seen;
        return { command: 'wrapped', args: [command, ...args] };
      },
    },
  };
  for (const name of [
    'work',
    'person/.ssh',
    'person/.aws',
    'person/.claude/skills',
    'person/extra',
  ])
    mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, 'person/.ssh/known_hosts'), '');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (path: string) => join(root, path);
const confinement = () =>
  new Confinement({
    sandbox: { probe: async () => probe },
    home: homeOf({ PORCHLIGHT_HOME: at('home') }),
    config: () => ({ sandbox: config }),
    settings: () => ({ autoNeedsSandbox }),
    tell: (problem) => told.push(problem),
  });
const launch = (): Launch => ({
  profile: launcherOf('claude').profile,
  command: '/usr/bin/agent',
  args: [],
  env: { HOME: at('person') },
});
const confine = async (mode: Mode, cwd = at('work')): Promise<string | undefined> =>
  (await confinement().confine(launch(), { mode, cwd, root: null })).sandbox;
const access = (path: string): string | undefined =>
  shown.find((each) => each.path === at(path))?.access;

describe('which sessions', () => {
  test.each([
    [undefined, false, ['none', 'none']],
    ['none', true, ['none', 'fake']],
    ['auto', false, ['none', 'fake']],
    ['all', false, ['fake', 'fake']],
  ] as const)('sandbox.sessions %s, required for auto: %s', async (sessions, needed, expected) => {
    [config, autoNeedsSandbox] = [sessions && { sessions }, needed];
    expect([(await confine('ask')) ?? 'none', (await confine('auto')) ?? 'none']).toEqual(expected);
  });

  test('where there is none, a session that is only to have one goes without, and that is said', async () => {
    [probe, config] = [NONE, { sessions: 'all' }];
    expect([await confine('ask'), told]).toEqual([
      undefined,
      [
        'config.json asks for sandboxes (sandbox.sessions), and there is none: It is not there. Get it.',
      ],
    ]);
  });

  test('where there is none and auto takes one, auto is refused in words', async () => {
    [probe, autoNeedsSandbox] = [NONE, true];
    await expect(confine('auto')).rejects.toMatchObject({
      message: 'The mode auto takes a sandbox here, and there is none: It is not there.',
      fix: 'Get it.',
    });
    expect(await confine('edits')).toBeUndefined();
  });

  test('a running agent is changed to auto only if it was started in one', async () => {
    autoNeedsSandbox = true;
    const change = async (sandbox: string | null, isOpen: boolean, mode: Mode = 'auto') =>
      await confinement()
        .checkChange({ id: 's_x', mode: 'ask', sandbox } as unknown as SessionState, mode, isOpen)
        .then(
          () => 'fine',
          (error: unknown) => String(error),
        );
    const outcomes = [
      await change('fake', true),
      await change(null, true, 'edits'),
      await change(null, false),
      await change(null, true),
    ];
    probe = NONE;
    outcomes.push(await change(null, false));
    expect(outcomes).toEqual([
      'fine',
      'fine',
      'fine',
      expect.stringContaining(
        'porchlight stop s_x; porchlight mode s_x auto; porchlight resume s_x',
      ),
      expect.stringContaining('there is none: It is not there. Get it.'),
    ]);
  });
});

describe('what it sees', () => {
  beforeEach(() => (config = { sessions: 'all' }));

  test('its folder and its own state to write; secrets not; what other runs obey only to read', async () => {
    await confine('ask');
    expect({
      work: access('work'),
      state: access('person/.claude'),
      skills: access('person/.claude/skills'),
      ssh: access('person/.ssh'),
      hosts: access('person/.ssh/known_hosts'),
      aws: access('person/.aws'),
      person: access('person'),
      tmp: shown.find(({ path }) => path === realpathSync('/tmp'))?.access,
    }).toEqual({
      work: 'write',
      state: 'write',
      skills: 'read',
      ssh: 'hidden',
      hosts: 'read',
      aws: 'hidden',
      person: 'read',
      tmp: 'private',
    });
  });

  test('a person working in their whole home still shows neither secrets nor Porchlight', async () => {
    mkdirSync(at('person/.porchlight/worktrees/w'), { recursive: true });
    const own = new Confinement({
      sandbox: { probe: async () => probe },
      home: homeOf({ PORCHLIGHT_HOME: at('person/.porchlight') }),
      config: () => ({ sandbox: { sessions: 'all', writable: [at('person/.porchlight/logs')] } }),
      settings: () => ({ autoNeedsSandbox }),
      tell: () => {},
    });
    await own.confine(launch(), { mode: 'ask', cwd: at('person'), root: null });
    expect([
      access('person'),
      access('person/.ssh'),
      access('person/.porchlight'),
      access('person/.porchlight/logs'),
    ]).toEqual(['write', 'hidden', 'hidden', undefined]);
    await own.confine(launch(), {
      mode: 'ask',
      cwd: at('person/.porchlight/worktrees/w'),
      root: null,
    });
    expect([access('person/.porchlight'), access('person/.porchlight/worktrees/w')]).toEqual([
      'hidden',
      'write',
    ]);
    await expect(
      own.confine(launch(), { mode: 'ask', cwd: at('person/.porchlight'), root: null }),
    ).rejects.toThrow("inside Porchlight's own folder");
  });

  test('folders of config.json may be written, also a secret one that it names, by their real path', async () => {
    symlinkSync(at('person/extra'), at('link'));
    config = { sessions: 'all', writable: ['~/.aws', at('link'), at('gone')] };
    await confine('ask');
    expect([access('person/.aws'), access('person/extra'), access('link'), access('gone')]).toEqual(
      ['write', 'write', undefined, undefined],
    );
  });
});
