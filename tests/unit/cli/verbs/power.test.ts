import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { sessionIdSchema } from '../../../../src/protocol/ids.ts';
import {
  DEFAULT_POWER_POLICY,
  type Hold,
  type PowerState,
} from '../../../../src/protocol/power.ts';
import { CliBench, NOW } from '../run-cli.ts';

let bench: CliBench;
beforeEach(async () => {
  bench = new CliBench();
  await bench.up();
});
afterEach(async () => await bench.down());

const sessionId = sessionIdSchema.parse('s_aaaaaaaaaaaa');
const working: Hold = {
  id: 'working:s_aaaaaaaaaaaa',
  kind: 'working',
  reason: 'Refactor\u001b[2J',
  sessionId,
  since: new Date(NOW - 90_000).toISOString(),
  ageSec: 90,
  until: null,
  lid: false,
};
const held = { effective: true, reason: null };

function set(change: Partial<PowerState>): void {
  bench.host.power.state = { ...bench.host.power.state, ...change };
}

describe('power', () => {
  it('gives the contract, with reasons as sentences, and all else beside it', async () => {
    const reasons = [
      { code: 'lidNotWanted', text: 'The policy holds off idle sleep only.', fix: 'Say so.' },
      { code: 'brandNew', text: 'Of a newer host.' },
    ];
    set({ holds: [working], idle: { wanted: true, ...held }, reasons });
    const { code, value } = await bench.json('power');
    expect([code, value]).toEqual([
      0,
      {
        holds: [working],
        idle: { wanted: true, effective: true, reason: null },
        lid: { wanted: false, effective: false, reason: null, fix: null, setUp: null },
        battery: { percent: 64, onMains: false },
        safeToCloseLid: false,
        reasons: ['The policy holds off idle sleep only.', 'Of a newer host.'],
        codes: ['lidNotWanted', 'brandNew'],
        fixes: ['Say so.', null],
        policy: DEFAULT_POWER_POLICY,
        heldBack: [],
        heat: { celsius: 48, level: null },
        lidClosed: false,
        sleepWhenDone: false,
        sleepsAt: null,
      },
    ]);
  });

  it('says the light first, then what is held and by what', async () => {
    const user: Hold = {
      ...{ id: 'u_1', kind: 'user', reason: 'a long build', by: 'phone', ageSec: 5, lid: true },
      since: new Date(NOW - 5_000).toISOString(),
      until: new Date(NOW + 7_200_000).toISOString(),
    };
    const ends = new Date(NOW + 7_200_000).toTimeString().slice(0, 5);
    set({
      holds: [working, user],
      idle: { wanted: true, ...held },
      lid: { wanted: true, ...held, effective: true, fix: null, setUp: 'done' },
      safeToCloseLid: true,
      reasons: [],
      sleepWhenDone: true,
    });
    expect((await bench.run(['power'])).stdout.split('\n')).toEqual(
      [
        'The lid may be closed: work goes on.',
        '',
        'Idle sleep: held off',
        'Sleep by the lid: held off',
        '',
        'HOLD                    KIND      FOR    ENDS   LID  WHY',
        'working:s_aaaaaaaaaaaa  working   1 min                Refactor‹U+001B›[2J',
        `u_1                     by phone  5 s    ${ends}  lid  a long build`,
        '',
        'The machine is put to sleep when the work is done. Not so: porchlight power sleep-when-done off',
        '',
        'Battery 64%, not on mains, 48 °C, lid open. Policy: idle (porchlight power policy).',
        '',
      ].map((line) => expect.stringMatching(wordsOf(line))),
    );
  });

  it('never says that it holds what is not seen in effect', async () => {
    const refused = {
      effective: false,
      reason: 'Refused over SSH.',
      fix: 'Log in at the desktop.',
    };
    set({
      idle: { wanted: true, effective: null, reason: null },
      lid: { wanted: true, ...refused, setUp: 'needed' },
      lidClosed: true,
      reasons: [{ code: 'notInEffect', text: 'The lid is not held.', fix: 'Log in.' }],
      heldBack: [{ code: 'batteryLow', text: 'The battery is at 19 %.' }],
      sleepsAt: '2026-11-21T08:01:30.000Z',
    });
    const { stdout } = await bench.run(['power']);
    expect(stdout.split('\n').slice(0, 10)).toEqual([
      'The lid is closed, and the machine may sleep:',
      '  The lid is not held.',
      '    fix: Log in.',
      '',
      'Idle sleep: wanted, and not yet seen to be held off',
      'Sleep by the lid: wanted, and NOT held off: Refused over SSH.',
      '  fix: Log in at the desktop.',
      'The lid needs something once on this machine: porchlight power setup',
      '  The battery is at 19 %.',
      '',
    ]);
    expect(stdout).toContain('The machine is put to sleep at ');
  });

  it('says that an older host does not know it', async () => {
    bench.host.handlers['power.state'] = () => {
      throw new RpcFailure('methodNotFound', 'There is no method power.state.');
    };
    const ran = await bench.run(['power', '--json']);
    expect([ran.code, ran.stdout, ran.stderr.includes('porchlight host restart')]).toEqual([
      1,
      '',
      true,
    ]);
  });
});

describe('power hold and release', () => {
  it('hold for a time, with the lid, for a reason, and let go of one or all', async () => {
    const first = await bench.json(
      'power',
      'hold',
      '--for',
      '2h',
      '--lid',
      '--reason',
      ' a build ',
    );
    const second = await bench.json('power', 'hold');
    expect([
      bench.host.calls.filter(({ method }) => method === 'power.hold').map(({ params }) => params),
      (first.value as Hold).until !== null,
      (second.value as Hold).until,
    ]).toEqual([
      [
        { commandId: expect.any(String), forSec: 7_200, lid: true, reason: 'a build' },
        { commandId: expect.any(String), lid: false },
      ],
      true,
      null,
    ]);
    const one = await bench.json('power', 'release', (first.value as Hold).id);
    const all = await bench.json('power', 'release');
    const none = await bench.run(['power', 'release']);
    expect([one.value, all.value, none]).toEqual([
      { released: 1 },
      { released: 1 },
      { code: 0, stdout: 'You hold nothing. What does: porchlight power\n', stderr: '' },
    ]);
  });

  it('a hold is told by its beginning, and one that is a session’s or nobody’s is refused', async () => {
    const { value } = await bench.json('power', 'hold');
    set({ holds: [...bench.host.power.state.holds, working] });
    const { id } = value as Hold;
    const lines = [];
    for (const given of [['x_9'], ['working:s_aaaaaaaaaaaa'], ['x_9', '--json'], [id.slice(0, 2)]])
      lines.push(await bench.run(['power', 'release', ...given]));
    expect(lines.map(({ code, stdout, stderr }) => [code, stdout, stderr.split('.')[0]])).toEqual([
      [1, '', 'porchlight: You have no hold x_9'],
      [
        1,
        '',
        "porchlight: working:s_aaaaaaaaaaaa is a session's own (working) and ends with its work: porchlight cancel, or stop",
      ],
      [1, '', 'porchlight: You have no hold x_9'],
      [0, 'Released: 1 hold.\n', ''],
    ]);
  });

  it.each([
    [['hold', '--for', 'soon']],
    [['hold', '--for', '0m']],
    [['hold', '--for', '31d']],
    [['hold', '--reason', ' ']],
    [['hold', '--reason', 'x'.repeat(201)]],
    [['sleep-when-done', 'maybe']],
  ])('%j is wrong usage, and nothing is asked of the host', async (argv) => {
    const { code, stdout } = await bench.run(['power', ...argv]);
    expect([code, stdout, bench.host.calls]).toEqual([2, '', []]);
  });
});

describe('power policy', () => {
  it('sets the keys that are given, in the units that people write, and leaves the others', async () => {
    const { code, value } = await bench.json(
      ...['power', 'policy', 'keepAwake=lid', 'mainsOnly=on', 'batteryFloor=30%', 'heatStop=85C'],
      ...['longestHours=2d', 'waitingMinutes=1h30m', 'quietHours=23:00-6:30'],
    );
    const changed = {
      ...{ keepAwake: 'lid', mainsOnly: true, batteryFloor: 30, heatStop: 85, longestHours: 48 },
      ...{ waitingMinutes: 90, quietHours: { from: '23:00', to: '06:30' } },
    };
    const back = await bench.json(
      ...['power', 'policy', 'heatStop=default', 'quietHours=none', 'longestHours=0'],
    );
    expect([code, value, back.value]).toEqual([
      0,
      changed,
      { ...changed, heatStop: 90, quietHours: null, longestHours: 0 },
    ]);
    expect(bench.host.calls.at(-1)?.params).toEqual({
      commandId: expect.any(String),
      policy: { heatStop: 90, quietHours: null, longestHours: 0 },
    });
  });

  it('shows it in words that can be typed back', async () => {
    const { stdout } = await bench.run(['power', 'policy']);
    const shown = stdout
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(/ {2,}/u).slice(0, 2));
    expect(shown).toEqual([
      ['keepAwake', 'idle'],
      ['mainsOnly', 'off'],
      ['batteryFloor', '20%'],
      ['heatStop', '90C'],
      ['longestHours', '24h'],
      ['waitingMinutes', '60m'],
      ['quietHours', 'none'],
    ]);
    const typed = shown.map((row) => row.join('='));
    expect((await bench.json('power', 'policy', ...typed)).value).toEqual(DEFAULT_POWER_POLICY);
  });

  it.each([
    ['keepAwake', 'is no setting'],
    ['=lid', 'is no setting'],
    ['battery=20', 'keepAwake, mainsOnly, batteryFloor'],
    ['__proto__=1', 'is no setting'],
    ['keepAwake=always', 'keepAwake takes off, idle'],
    ['mainsOnly=', 'mainsOnly takes on or off, not nothing'],
    ['batteryFloor=96', 'batteryFloor takes percent from 0'],
    ['batteryFloor=-1', 'batteryFloor takes percent from 0'],
    ['heatStop=40', 'heatStop takes degrees Celsius from 50 to 110'],
    ['heatStop=0', 'heatStop takes degrees Celsius from 50 to 110'],
    ['longestHours=31d', 'longestHours takes a time up to 30 days'],
    ['waitingMinutes=soon', 'waitingMinutes takes a time up to 31 days'],
    ['waitingMinutes=1.5', 'waitingMinutes takes a time up to 31 days'],
    ['quietHours=23-6', 'quietHours takes two times of day'],
    ['quietHours=25:00-06:00', 'quietHours takes two times of day'],
  ])('%s is wrong usage, named with what it takes', async (word, says) => {
    const ran = await bench.run(['power', 'policy', word]);
    expect([ran.code, ran.stdout, ran.stderr.includes(says), bench.host.calls]).toEqual([
      2,
      '',
      true,
      [],
    ]);
  });

  it('takes each key once, and passes on what the host refuses', async () => {
    const twice = await bench.run(['power', 'policy', 'heatStop=80', 'heatStop=85']);
    bench.host.handlers['power.setPolicy'] = () => {
      throw new RpcFailure('refused', 'config.json cannot be written.');
    };
    const refused = await bench.run(['power', 'policy', 'heatStop=80', '--json']);
    expect([twice.code, twice.stderr, refused.code, refused.stdout, refused.stderr]).toEqual([
      2,
      'porchlight: heatStop is given twice.\n',
      1,
      '',
      'porchlight: config.json cannot be written.\n',
    ]);
  });
});

describe('power sleep-when-done', () => {
  it('is on, on with nothing said, or off', async () => {
    const said = [];
    for (const given of [[], ['off'], ['on']])
      said.push((await bench.json('power', 'sleep-when-done', ...given)).value);
    expect([said, bench.host.power.state.sleepWhenDone]).toEqual([
      [{ sleepWhenDone: true }, { sleepWhenDone: false }, { sleepWhenDone: true }],
      true,
    ]);
  });
});

describe('power setup', () => {
  const asked = () => bench.host.calls.filter(({ method }) => method === 'power.setUp');

  it('refuses where nothing has to be set up', async () => {
    const ran = await bench.run(['power', 'setup', '--yes']);
    expect([ran.code, ran.stderr.includes('nothing to set up'), asked()]).toEqual([1, true, []]);
  });

  it('says what would be changed, and does it only when a person agrees', async () => {
    set({ lid: { ...bench.host.power.state.lid, setUp: 'needed' } });
    const alone = await bench.run(['power', 'setup']);
    const answer = async (word: string) => {
      const stdin = new PassThrough();
      stdin.end(`${word}\n`);
      return await bench.run(['power', 'setup'], { interactive: true, stdin });
    };
    const no = await answer('n');
    expect([alone.code, alone.stderr.includes('--yes'), no.code, asked()]).toEqual([
      1,
      true,
      1,
      [],
    ]);
    const yes = await answer('y');
    const undone = await bench.json('power', 'setup', '--undo', '--yes');
    expect([yes.code, yes.stdout, undone.value, asked().map(({ params }) => params)]).toEqual([
      0,
      'Done.\n',
      { message: 'Undone.' },
      [{ undo: false }, { undo: true }],
    ]);
  });
});

describe('power report', () => {
  const report = {
    closedAt: '2026-11-21T22:00:00.000Z',
    openedAt: '2026-11-22T06:00:00.000Z',
    wasSafe: false,
    sessions: [
      { sessionId, title: 'Refactor\u0007', workedMs: 5_400_000 },
      { sessionId, title: 'idle one', workedMs: 0 },
    ],
    battery: { from: 92, to: 61 },
    hottest: { celsius: 71.4, at: '2026-11-22T01:00:00.000Z' },
    slept: [
      {
        from: '2026-11-22T02:00:00.000Z',
        to: '2026-11-22T03:00:00.000Z',
        why: 'the battery was at 19 %',
      },
    ],
  };

  it('is one page for people, and whole with --json', async () => {
    const none = await bench.json('power', 'report');
    bench.host.power.report = report;
    const { stdout } = await bench.run(['power', 'report']);
    expect([none.value, (await bench.json('power', 'report')).value]).toEqual([null, report]);
    expect(stdout).toMatch(/^The lid was closed from .* for 8 h\.$/mu);
    for (const words of [
      /^The light was off when it closed\.$/mu,
      /^Ran: 1 session$/mu,
      /1 h +Refactor‹U\+0007›$/mu,
      /^Battery: 92% to 61%$/mu,
      /^Hottest: 71 °C at /mu,
      /the battery was at 19 %$/mu,
    ])
      expect(stdout).toMatch(words);
  });

  it('of a lid that is still closed says since when', async () => {
    bench.host.power.report = { ...report, openedAt: null, slept: [], sessions: [], battery: null };
    const { stdout } = await bench.run(['power', 'report']);
    expect(stdout).toMatch(/^The lid is closed since .*\nThe light was off.*\nNothing ran\./u);
  });
});

/** The line as it stands, whatever the gaps between its columns. */
function wordsOf(line: string): RegExp {
  const escaped = line.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/ {2,}/gu, ' {2,}')}$`, 'u');
}
