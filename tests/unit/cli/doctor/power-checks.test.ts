import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCli } from '../../../../src/cli/cli.ts';
import type { DoctorWorld } from '../../../../src/cli/doctor/check.ts';
import { powerFindings } from '../../../../src/cli/doctor/power-checks.ts';
import type { ProgramRun } from '../../../../src/cli/doctor/run-program.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { CliBench } from '../run-cli.ts';

const works = { effective: true, reason: null, fix: null };
const look = {
  idle: works,
  lid: { ...works, setUp: null },
  lidSettings: [] as string[],
  sensors: null,
};

let bench: CliBench;
let state: string;
let asked: string[][];
beforeEach(() => {
  bench = new CliBench();
  state = join(bench.root, 'state');
  asked = [];
  const program = join(bench.root, 'no-dist', 'holder');
  mkdirSync(program, { recursive: true });
  writeFileSync(join(program, 'main.js'), '');
});
afterEach(async () => await bench.down());

/** A holder's program that says this of the machine. */
async function findings(
  said: object | Partial<ProgramRun>,
): Promise<Record<string, [boolean, string, string | null]>> {
  const ran: Partial<ProgramRun> = 'idle' in said ? { stdout: JSON.stringify(said) } : said;
  const around = bench.surroundings({
    env: { PORCHLIGHT_HOME: bench.root, XDG_STATE_HOME: state },
  });
  const world: DoctorWorld = {
    cli: makeCli(around, {}),
    platform: 'linux',
    run: async (_command, args) => {
      asked.push([...args]);
      return { code: 0, stdout: '', stderr: '', ms: 1, problem: null, ...ran };
    },
  };
  const rows = await powerFindings(world);
  return Object.fromEntries(
    rows.map(({ check, finding: { ok, detail, fix } }) => [check, [ok, detail, fix]]),
  );
}

const nothingLeft = [true, 'no power setting of this machine is changed', null];

describe('without a host', () => {
  it('looks by itself whether the machine could be held awake', async () => {
    expect([await findings(look), asked]).toEqual([
      {
        awake: [true, 'idle sleep can be held off', null],
        lid: [true, 'sleep by the lid can be held off', null],
        'power left': nothingLeft,
      },
      [[join(bench.root, 'no-dist', 'holder', 'main.js'), '--look']],
    ]);
  });

  it('says who is in the way, and what to do', async () => {
    const lid = {
      ...{ effective: false, reason: 'Over SSH the lid is not given to anybody.', setUp: null },
      fix: 'Start the host from the desktop.',
    };
    expect((await findings({ ...look, lid })).lid).toEqual([false, lid.reason, lid.fix]);
  });

  it('says what has to be set up, and what would be changed after', async () => {
    const needed = { effective: false, reason: 'KDE acts on the lid.', fix: null, setUp: 'needed' };
    const done = { ...works, setUp: 'done' };
    const lidSettings = ['What closing the lid does on battery'];
    expect([
      (await findings({ ...look, lid: needed })).lid,
      (await findings({ ...look, lid: done, lidSettings })).lid,
    ]).toEqual([
      [false, 'KDE acts on the lid.', 'porchlight power setup'],
      [
        true,
        'sleep by the lid can be held off (a setting, put back after: What closing the lid does on battery)',
        null,
      ],
    ]);
  });

  it('does not say that all is well where nobody can say', async () => {
    const nobody = { effective: null, reason: 'No logind answers.', fix: null };
    expect((await findings({ ...look, idle: nobody })).awake).toEqual([
      false,
      'nobody can say whether idle sleep can be held off: No logind answers.',
      'See docs/power.md',
    ]);
  });

  it.each([
    [{ code: null, problem: 'slow' as const }, 'the look did not end within 25 s'],
    [{ code: 1, stderr: 'Boom.\n' }, 'Boom.'],
    [{ stdout: 'nonsense' }, 'the look said nothing that can be read'],
    [{ stdout: '{"idle":true}' }, 'the look said nothing that can be read'],
  ])('%j is said as it is', async (ran, words) => {
    const { awake, lid } = await findings(ran);
    for (const finding of [awake, lid])
      expect(finding).toEqual([false, expect.stringContaining(words), 'See docs/power.md']);
  });

  it('names a setting that was left, and how to put it back', async () => {
    const folder = join(state, 'porchlight', 'power');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${'a'.repeat(32)}.json`), '{}');
    expect((await findings(look))['power left']).toEqual([
      false,
      `a power setting may still be changed; the old value is in ${folder}`,
      'porchlight power undo',
    ]);
  });
});

describe('with a host', () => {
  beforeEach(async () => {
    await bench.up();
  });

  it('believes what is in effect while it holds', async () => {
    const { power } = bench.host;
    power.state = {
      ...power.state,
      idle: { wanted: true, effective: true, reason: null },
      lid: {
        ...{ wanted: true, effective: false, reason: 'Somebody set it back.', fix: 'Ask them.' },
        setUp: null,
      },
    };
    expect(await findings(look)).toEqual({
      awake: [true, 'idle sleep is held off', null],
      lid: [false, 'Somebody set it back.', 'Ask them.'],
      'power left': nothingLeft,
    });
  });

  it('looks by itself where that host holds nothing, or is older', async () => {
    const quiet = await findings(look);
    bench.host.handlers['power.state'] = () => {
      throw new RpcFailure('methodNotFound', 'There is no method power.state.');
    };
    expect([quiet.awake, (await findings(look)).awake]).toEqual([
      [true, 'idle sleep can be held off', null],
      [true, 'idle sleep can be held off', null],
    ]);
  });
});
