import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentUnavailable } from '../../../../src/host/agents/agent-unavailable.ts';
import { AgentCatalogue } from '../../../../src/host/agents/catalogue.ts';
import { launcherOf } from '../../../../src/host/agents/launchers/launchers.ts';
import type { AgentConfig } from '../../../../src/protocol/config.ts';
import type { Mode } from '../../../../src/protocol/mode.ts';

describe('the catalogue of agents', () => {
  let dir: string;
  let agents: Record<string, AgentConfig>;
  let login: Record<string, string>;
  let own: { execPath: string; isElectron: boolean };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'catalogue-'));
    agents = {};
    login = { PATH: join(dir, 'bin'), HOME: dir };
    own = { execPath: '/our/node', isElectron: false };
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const catalogue = () =>
    new AgentCatalogue({
      config: () => ({ agents }),
      loginEnv: async () => login,
      agentsFolder: join(dir, 'agents'),
      dist: join(dir, 'dist'),
      own,
      demoFolder: join(dir, 'demo'),
    });
  const put = (path: string, text = '', mode = 0o755): string => {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };
  const program = (name: string, version: string) =>
    put(`bin/${name}`, `#!/bin/sh\necho "${name} v${version} (build 7)"\n`);
  const installClaude = () => {
    const folder = 'agents/claude/node_modules/@agentclientprotocol/claude-agent-acp';
    put(`${folder}/package.json`, '{"version":"0.100.0"}');
    return put(`${folder}/dist/index.js`, '', 0o644);
  };
  const launch = async (id: string, mode: Mode = 'ask') => await catalogue().launch(id, mode);
  const failure = async (id: string, mode: Mode = 'ask') =>
    await launch(id, mode).then(
      () => null,
      (error: unknown) =>
        error instanceof AgentUnavailable ? { message: error.message, fix: error.fix } : error,
    );

  it('lists every agent we know and those of config.json, found or not', async () => {
    agents = { mine: { command: '/bin/true', args: ['--acp'] } };
    program('opencode', '1.2.3');
    const list = await catalogue().list();
    expect(list.map(({ id, found, from, version }) => [id, found, from, version])).toEqual([
      ['claude', false, null, null],
      ['codex', false, null, null],
      ['opencode', true, 'path', '1.2.3'],
      ['gemini', false, null, null],
      ['demo', false, null, null],
      ['mine', true, 'config', null],
    ]);
    expect(list.at(-1)).toEqual({
      id: 'mine',
      name: 'mine',
      found: true,
      version: null,
      command: ['/bin/true', '--acp'],
      from: 'config',
      modes: ['ask', 'edits', 'plan', 'auto'],
      installable: null,
      signIn: null,
    });
  });

  it('prefers config.json to PATH, and PATH to what was installed', async () => {
    installClaude();
    expect((await catalogue().entry('claude'))?.from).toBe('installed');
    program('claude-agent-acp', '9.9.9');
    expect((await catalogue().entry('claude'))?.from).toBe('path');
    agents = { claude: { command: '/bin/true' } };
    expect((await catalogue().entry('claude'))?.from).toBe('config');
  });

  it('runs an installed adapter with the node on PATH when that is new enough, else with ours', async () => {
    const script = installClaude();
    expect(await launch('claude')).toMatchObject({ command: '/our/node', args: [script] });
    const node = program('node', '20.20.2');
    expect(await launch('claude')).toMatchObject({ command: node, args: [script] });
    program('node', '18.0.0 ');
    expect(await launch('claude')).toMatchObject({ command: '/our/node' });
  });

  it("under Electron runs it as Node, and the adapter's children do not learn of that", async () => {
    installClaude();
    own = { execPath: '/our/electron', isElectron: true };
    const { command, args, env } = await launch('claude');
    expect([command, args[0], args[1], env.ELECTRON_RUN_AS_NODE]).toEqual([
      '/our/electron',
      '--import',
      'data:text/javascript,delete process.env.ELECTRON_RUN_AS_NODE',
      '1',
    ]);
  });

  it('under Electron names the binary to an adapter that would start it with process.execPath', async () => {
    const modules = 'agents/codex/node_modules';
    put(`${modules}/@agentclientprotocol/codex-acp/package.json`, '{"version":"2.6.0"}');
    put(`${modules}/@agentclientprotocol/codex-acp/dist/index.js`);
    const path = launcherOf('codex').adapter?.brings?.[`${process.platform}-${process.arch}`] ?? '';
    const binary = put(`${modules}/${path}`);
    expect((await launch('codex')).env.CODEX_PATH).toBeUndefined();
    own = { execPath: '/our/electron', isElectron: true };
    expect((await launch('codex')).env.CODEX_PATH).toBe(binary);
  });

  it("uses the user's own program of the agent where there is one, unless they name another", async () => {
    installClaude();
    expect((await launch('claude')).env.CLAUDE_CODE_EXECUTABLE).toBeUndefined();
    const mine = program('claude', '2.0.0');
    expect((await launch('claude')).env.CLAUDE_CODE_EXECUTABLE).toBe(mine);
    login = { ...login, CLAUDE_CODE_EXECUTABLE: '/theirs' };
    expect((await launch('claude')).env.CLAUDE_CODE_EXECUTABLE).toBe('/theirs');
  });

  it('overrides only what an entry of config.json gives', async () => {
    const mine = program('opencode', '1.0.0');
    agents = { opencode: { env: { A: 'mine', HOME: '/other' } } };
    expect(await launch('opencode')).toMatchObject({
      command: mine,
      args: ['acp'],
      env: { A: 'mine', HOME: '/other', PATH: login.PATH },
    });
    agents = { opencode: { args: ['acp', '--print-logs'] } };
    expect(await launch('opencode')).toMatchObject({
      command: mine,
      args: ['acp', '--print-logs'],
    });
  });

  it('imposes the mode over what environment and config.json say, and keeps the rest of theirs', async () => {
    program('opencode', '1.0.0');
    const theirs = {
      model: 'stub/x',
      agent: { build: { permission: { bash: 'allow' }, color: 'red' } },
    };
    agents = {
      opencode: {
        env: { OPENCODE_CONFIG_CONTENT: JSON.stringify(theirs), OPENCODE_PERMISSION: 'not JSON' },
      },
    };
    const { env } = await launch('opencode');
    expect(JSON.parse(env.OPENCODE_CONFIG_CONTENT ?? '')).toMatchObject({
      model: 'stub/x',
      agent: { build: { permission: { '*': 'ask', edit: 'ask', bash: 'ask' }, color: 'red' } },
    });
    expect(JSON.parse(env.OPENCODE_PERMISSION ?? '')).toMatchObject({
      '*': 'ask',
      edit: 'ask',
      bash: 'ask',
    });
  });

  it('starts Codex read-only, since by itself it would ask nobody', async () => {
    program('codex-acp', '2.6.0');
    expect((await launch('codex')).env.INITIAL_AGENT_MODE).toBe('read-only');
  });

  it('says what is wrong and what to do', async () => {
    put('bin/gemini', 'not executable', 0o644);
    agents = {
      gone: { command: join(dir, 'gone') },
      plain: { command: put('plain', 'x', 0o644) },
      relative: { command: './x' },
      nowhere: { command: 'no-such-program' },
      folder: { command: dir },
    };
    expect({
      gemini: await failure('gemini'),
      gone: await failure('gone'),
      plain: await failure('plain'),
      relative: await failure('relative'),
      nowhere: await failure('nowhere'),
      folder: await failure('folder'),
      unknown: await failure('constructor'),
      mode: await failure('codex', 'edits'),
    }).toEqual({
      gemini: {
        message: `Gemini CLI was not found: it is not on PATH and not in ${join(dir, 'agents')}.`,
        fix: 'porchlight agents install gemini',
      },
      gone: {
        message: `The command ${join(dir, 'gone')} of the agent gone does not exist.`,
        fix: 'Correct agents.gone.command in config.json.',
      },
      plain: {
        message: `The command ${join(dir, 'plain')} of the agent plain is not executable.`,
        fix: `chmod +x ${join(dir, 'plain')}, or: Correct agents.plain.command in config.json.`,
      },
      relative: {
        message: 'The command ./x of the agent relative is a relative path.',
        fix: 'Correct agents.relative.command in config.json. Give a whole path, or a name on PATH.',
      },
      nowhere: {
        message:
          'The command no-such-program of the agent nowhere is in none of the 1 folders on PATH.',
        fix: 'Correct agents.nowhere.command in config.json.',
      },
      folder: {
        message: `The command ${dir} of the agent folder is not executable.`,
        fix: `chmod +x ${dir}, or: Correct agents.folder.command in config.json.`,
      },
      unknown: { message: 'There is no agent named constructor.', fix: 'See "porchlight agents".' },
      mode: {
        message: 'Codex cannot prove that it is in the mode edits.',
        fix: 'Use one of: ask, auto.',
      },
    });
  });

  it('does not wait for a program that hangs when asked for its version', async () => {
    put('bin/gemini', '#!/bin/sh\nexec /bin/sleep 60\n');
    const entry = await catalogue().entry('gemini');
    expect(entry).toMatchObject({ found: true, version: null });
  });

  it('has the demo agent built in', async () => {
    const script = put('dist/demo-agent/main.js', '', 0o644);
    put('package.json', '{"version":"1.2.3"}');
    expect(await catalogue().entry('demo')).toMatchObject({
      found: true,
      from: 'built-in',
      version: '1.2.3',
      command: ['/our/node', script, '--state', join(dir, 'demo')],
      installable: null,
    });
  });
});
