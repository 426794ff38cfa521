import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { commandProblem } from '../../../../src/host/rules/command-problem.ts';
import { GoodSets } from '../../../../src/host/rules/good-sets.ts';
import { PolicyFile } from '../../../../src/host/rules/policy-file.ts';
import { ME, ownFolder } from './rules-home.ts';

let home: string;
let path: string;

beforeEach(() => {
  home = ownFolder();
  path = join(ownFolder(), 'porchlight', 'policy.json');
});

/** As a host that starts now sees it. */
function file(): PolicyFile {
  const logger = silentLogger;
  const good = new GoodSets(join(home, 'rules-good.json'), logger);
  return new PolicyFile({ place: { path, keepers: ME }, good, logger, commandProblem });
}

function write(text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, text, { mode: 0o644 });
}

const DENY = '{"rules":[{"decision":"deny","command":"git push"}],"modes":["ask"]}';

describe("the administrator's policy", () => {
  it('need not be there', () => {
    expect(file().current()).toEqual({
      state: 'none',
      policy: null,
      rules: [],
      problem: null,
      nothingIsAllowed: false,
    });
  });

  it('holds as soon as it is there, changed, and gone', () => {
    const policy = file();
    const seen: unknown[] = [];
    policy.changed.on(({ state }) => seen.push(state));
    write(DENY);
    expect(policy.current().policy).toEqual({
      version: 1,
      rules: [{ decision: 'deny', command: 'git push' }],
      modes: ['ask'],
    });
    write('{"modes":["ask","plan"]}');
    expect(policy.current().policy?.modes).toEqual(['ask', 'plan']);
    rmSync(path);
    expect(policy.current().state).toBe('none');
    policy.current();
    expect(seen).toEqual(['ok', 'ok', 'none']);
  });

  it('stays as it last was when it is bad, also for the next host, and says where', () => {
    write(DENY);
    file();
    write('{"rules":[],\n "mods": ["ask"]}');
    const bad = file().current();
    expect([bad.policy?.modes, bad.nothingIsAllowed, bad.problem]).toEqual([
      ['ask'],
      false,
      `${path}: line 2, column 10: mods is not a known key. Until that is mended: The last good one holds.`,
    ]);
  });

  it('that was never good lets no rule allow anything', () => {
    write('{"rules":');
    const { state, policy, nothingIsAllowed, problem } = file().current();
    expect([state, policy, nothingIsAllowed, problem]).toEqual([
      'bad',
      null,
      true,
      `${path}: line 1, column 10: it is not JSON that can be used: it ends too early. Until that is mended: Everything asks.`,
    ]);
  });

  it('that others may write lets no rule allow anything, until it is mended', () => {
    write(DENY);
    const policy = file();
    chmodSync(path, 0o666);
    const open = policy.current();
    expect([open.state, open.policy?.modes, open.nothingIsAllowed]).toEqual(['bad', ['ask'], true]);
    chmodSync(path, 0o644);
    expect(policy.current()).toMatchObject({ state: 'ok', nothingIsAllowed: false });
  });
});
