import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { ConfigError } from '../../../../src/host/config/config-error.ts';
import { ConfigFile } from '../../../../src/host/config/config.ts';

describe('config.json', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
    file = join(folder, 'config.json');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = () => new ConfigFile(file, silentLogger);

  it('that is not there means the defaults', () => {
    expect(open().current()).toEqual({ agents: {} });
  });

  it.each([
    ['{"agents":{"claude":{"comand":"x"}}}', 'agents.claude.comand is not a known key'],
    ['{"agent":{}}', 'agent is not a known key'],
    ['{"agents":{"claude":{"args":"x"}}}', 'agents.claude.args must be an array'],
    ['{"agents":{"claude":{"env":{"A":1}}}}', 'agents.claude.env.A must be a string'],
    [
      '{"agents":{"claude":{"mode":"yolo"}}}',
      'agents.claude.mode must be one of ask, edits, plan, auto',
    ],
    [
      '{"agents":{"My Agent":{"command":"x"}}}',
      'agents.My Agent is not a name for an agent: use small letters, digits, ".", "_" and "-"',
    ],
    [
      '{"agents":{"mine":{"args":[]}}}',
      'agents.mine needs a command, because it is none of the agents we know (claude, codex, opencode, gemini, demo)',
    ],
    ['{"limits":{"promptBytes":1.5}}', 'limits.promptBytes must be a whole number'],
    ['[]', 'the whole file must be an object'],
  ])('%s is refused: %s', (text, problem) => {
    writeFileSync(file, text);
    expect(open).toThrow(new ConfigError(file, problem));
  });

  it.each([['{'], ['']])('that is not JSON (%j) is refused with its name', (text) => {
    writeFileSync(file, text);
    expect(open).toThrow(`config.json (${file}): it is not JSON: `);
  });

  it('that is a folder, or far too large, is refused', () => {
    mkdirSync(file);
    expect(open).toThrow(`config.json (${file}): it cannot be read (EISDIR)`);
    rmSync(file, { recursive: true });
    writeFileSync(file, ' '.repeat(2_000_000));
    expect(open).toThrow('it is larger than 1048576 bytes');
  });

  it('is read again when it changes; a bad one is reported and the last good one stays', () => {
    writeFileSync(file, '{"agents":{"claude":{"mode":"plan"}}}');
    const config = open();
    const problems: (string | null)[] = [];
    config.problemChanged.on((problem) => problems.push(problem));
    writeFileSync(file, '{"agents":{"claude":{"mode":"nonsense!"}}}');
    expect(config.current()).toEqual({ agents: { claude: { mode: 'plan' } } });
    writeFileSync(file, '{"agents":{"claude":{"mode":"edits"}}}  ');
    expect(config.current()).toEqual({ agents: { claude: { mode: 'edits' } } });
    rmSync(file);
    expect(config.current()).toEqual({ agents: {} });
    expect(problems).toEqual([
      `config.json (${file}): agents.claude.mode must be one of ask, edits, plan, auto. Until that is mended the settings from before hold.`,
      null,
    ]);
  });

  it('is watched: a change is told without anyone asking', async () => {
    const config = open();
    const stop = config.watch();
    try {
      const told = new Promise((resolve) => config.changed.on(resolve));
      writeFileSync(file, '{"agents":{"demo":{"mode":"auto"}}}');
      await expect(told).resolves.toEqual({ agents: { demo: { mode: 'auto' } } });
    } finally {
      stop();
    }
  });
});
