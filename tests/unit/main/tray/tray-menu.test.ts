import { describe, expect, test } from 'vitest';
import type { MenuEntry } from '../../../../src/main/tray/menu-entry.ts';
import { trayMenu } from '../../../../src/main/tray/tray-menu.ts';
import { lampOf, tooltipOf, type TrayState } from '../../../../src/main/tray/tray-state.ts';
import { HASH, PARKED, session, approval, agent, state, drawn } from './tray-samples.ts';

const TAIL = [
  '---',
  'New session…',
  '  Choose folder… {newSession}',
  '  Try it with the demo agent {newSession demo}',
  '---',
  '(Keep awake: not known)',
  'Pair a phone… {pair}',
  '---',
  'Open Porchlight {open}',
  'Quit tray app {quit}',
  'Stop everything {stopEverything}',
];

const topLines = (entries: readonly MenuEntry[]): number =>
  entries.filter((entry) => entry !== 'separator').length;

describe('the tray menu', () => {
  test('says that all is quiet when nothing goes on', () => {
    expect(drawn(trayMenu(state({})))).toEqual(['(All is quiet)', ...TAIL]);
  });

  test('offers what waits first, with the whole command, then what runs', () => {
    const menu = trayMenu(
      state({
        sessions: [
          session(1, { state: 'idle' }),
          session(2),
          session(3, { state: 'waiting' }),
          session(4, { archived: true }),
          session(5, { state: 'ended' }),
        ],
        approvals: [approval(3), approval(2, { kind: 'question', title: 'Which colour?' })],
      }),
    );
    expect(drawn(menu)).toEqual([
      'Allow? Run the tests · Session 3',
      '  (npm test && git status)',
      '  ---',
      `  Allow {decide a_000000000003 ${HASH} true}`,
      `  Deny {decide a_000000000003 ${HASH} false}`,
      '  Show in the window {openSession s_000000000003}',
      'Question: Which colour? · Session 2 {openSession s_000000000002}',
      'Session 3 — needs you {openSession s_000000000003}',
      '2 more sessions',
      '  Session 2 — working {openSession s_000000000002}',
      '  Session 1 — quiet {openSession s_000000000001}',
      ...TAIL,
    ]);
  });

  test('offers to start at login, with a tick when it does, while there is room', () => {
    const line = (given: Partial<TrayState>) =>
      trayMenu(state(given)).find(
        (entry) => entry !== 'separator' && entry.label === 'Start at login',
      );
    const label = 'Start at login';
    expect([
      line({ startsAtLogin: null }),
      line({ startsAtLogin: false }),
      line({ startsAtLogin: true }),
      line({ startsAtLogin: true, sessions: [1, 2, 3, 4].map((n) => session(n)) }),
    ]).toEqual([
      undefined,
      { label, checked: false, does: { do: 'startAtLogin', on: true } },
      { label, checked: true, does: { do: 'startAtLogin', on: false } },
      undefined,
    ]);
  });

  test('tells a host that comes back from one that starts', () => {
    const shown = (kind: 'connecting' | 'returning') => {
      const given = state({ link: { kind } });
      return [drawn(trayMenu(given))[0], tooltipOf(given), lampOf(given)];
    };
    expect([shown('connecting'), shown('returning')]).toEqual([
      ['(Starting…)', 'Porchlight is starting.', 'idle'],
      ['(The host is coming back…)', 'The host went away and is coming back.', 'idle'],
    ]);
  });

  test('keeps to ten lines whatever goes on', () => {
    const many = Array.from({ length: 70 }, (_, n) => n % 60);
    for (const approvals of [0, 1, 2, 3, 70])
      for (const sessions of [0, 1, 3, 4, 5, 70])
        for (const link of [{ kind: 'connected' }, { kind: 'away', reason: 'Gone.' }] as const) {
          const busy = state({
            link,
            failure: 'It did not work.',
            problems: [
              { id: 'a', message: 'The disk is full.' },
              { id: 'b', message: 'And more.' },
            ],
            sessions: many.slice(0, sessions).map((n) => session(n)),
            approvals: many.slice(0, approvals).map((n) => approval(n)),
          });
          expect(topLines(trayMenu(busy))).toBeLessThanOrEqual(10);
        }
  });

  test('does not offer to allow what is too long to be shown whole', () => {
    const command = Array.from({ length: 30 }, (_, n) => `echo ${n}`).join('\n');
    const long = approval(1, {
      call: { tool: 'Bash', input: { command }, locations: [], diff: [] },
    });
    expect(
      drawn(trayMenu(state({ sessions: [session(1)], approvals: [long] }))).slice(0, 4),
    ).toEqual([
      'Allow? Run the tests · Session 1',
      '  (Too long to show here)',
      '  ---',
      '  Show in the window {openSession s_000000000001}',
    ]);
  });

  test('shows what a menu would hide: control characters and direction overrides', () => {
    const sly = approval(1, {
      title: 'Show\u202e files',
      call: {
        tool: 'Bash',
        input: { command: 'ls \u202e; rm -rf ~\r# \u200b' },
        locations: [],
        diff: [],
      },
    });
    const lines = drawn(trayMenu(state({ approvals: [sly] })));
    expect(lines.slice(0, 2)).toEqual([
      'Allow? Show‹U+202E› files',
      '  (ls ‹U+202E›; rm -rf ~‹U+000D›# ‹U+200B›)',
    ]);
  });

  test.each([
    ['with a time limit', { command: 'npm test', timeout: 60_000 }, ['npm test', 'timeout: 60000']],
    [
      'as a list of words',
      { command: ['bash', '-lc', "echo 'hi'"], workdir: '/a b' },
      ["bash -lc 'echo '\\''hi'\\'''", 'workdir: /a b'],
    ],
    [
      'under its short name',
      { cmd: 'ls', with_escalated_permissions: true },
      ['ls', 'with_escalated_permissions: true'],
    ],
    [
      'that is none',
      { url: 'https://a.b', prompt: 'one\ntwo' },
      ['url: https://a.b', 'prompt:', '  one', '  two'],
    ],
    ['that is no record', ['ls', 1], ['[', '  "ls",', '  1', ']']],
  ])('shows a command %s in words, and all beside it', (_, input, lines) => {
    const call = { tool: 'Bash', input, locations: [], diff: [] };
    const menu = drawn(trayMenu(state({ approvals: [approval(1, { call })] })));
    expect(menu.slice(1, 1 + lines.length)).toEqual(lines.map((line) => `  (${line})`));
    expect(menu[1 + lines.length]).toBe('  ---');
  });

  test('shows an edit as the lines that change', () => {
    const edit = approval(1, {
      kind: 'edit',
      call: {
        tool: 'Edit',
        input: { file_path: '/a' },
        locations: [],
        diff: [{ path: '/a', oldText: 'one\ntwo\nthree', newText: 'one\n2\nthree' }],
      },
    });
    expect(drawn(trayMenu(state({ approvals: [edit] }))).slice(1, 4)).toEqual([
      '  (/a)',
      '  (− two)',
      '  (+ 2)',
    ]);
  });

  test('offers recent folders by agent and mode', () => {
    const menu = drawn(
      trayMenu(
        state({
          recentFolders: ['/home/ada/x'],
          agents: [
            agent('claude', ['ask', 'plan']),
            agent('codex', ['ask'], false),
            agent('demo', ['ask']),
          ],
        }),
      ),
    );
    expect(menu.slice(2, 9)).toEqual([
      'New session…',
      '  /home/ada/x',
      '    CLAUDE',
      '      Ask before each change {newSession /home/ada/x claude ask}',
      '      Plan only {newSession /home/ada/x claude plan}',
      '  ---',
      '  Choose folder… {newSession}',
    ]);
  });

  test('offers to start a host that is away, and nothing that needs one', () => {
    const menu = drawn(
      trayMenu(state({ link: { kind: 'away', reason: 'The host is not running' } })),
    );
    expect([...menu.slice(0, 4), menu.at(-1)]).toEqual([
      'The host is not running.',
      '  (The host is not running)',
      '  ---',
      '  Start the host {startHost}',
      '(Stop everything)',
    ]);
  });
});

describe('the lamp', () => {
  const cases: readonly [string, Partial<TrayState>, string, string][] = [
    ['nothing', {}, 'idle', 'All is quiet.'],
    [
      'work',
      { sessions: [session(1), session(2, { state: 'starting' })] },
      'working',
      '2 working.',
    ],
    [
      'a knock',
      {
        sessions: [session(1), session(2), session(3, { state: 'waiting' })],
        approvals: [approval(3), approval(3)],
      },
      'needsYou',
      '2 working, 1 needs you.',
    ],
    ['two knocks', { approvals: [approval(3), approval(4)] }, 'needsYou', '2 need you.'],
    [
      'a failure beside work',
      { sessions: [session(1), session(2, { state: 'failed' })] },
      'working',
      '1 working, 1 failed.',
    ],
    ['a failure alone', { sessions: [session(2, { state: 'failed' })] }, 'problem', '1 failed.'],
    [
      'a turn that was cut short',
      { sessions: [session(1), session(2, { state: 'idle', interrupted: true })] },
      'needsYou',
      '1 working, 1 needs you.',
    ],
    [
      'one that waits for its allowance',
      { sessions: [session(1, { state: 'parked', parked: PARKED })] },
      'idle',
      '1 parked.',
    ],
    [
      'a failure put away',
      { sessions: [session(2, { state: 'failed', archived: true })] },
      'idle',
      'All is quiet.',
    ],
    [
      'a host with a problem',
      { problems: [{ id: 'disk', message: 'The disk is full' }] },
      'problem',
      'All is quiet. The disk is full.',
    ],
    [
      'no host',
      { link: { kind: 'away', reason: 'The host is not running' } },
      'problem',
      'Porchlight: The host is not running.',
    ],
    ['a start', { link: { kind: 'connecting' } }, 'idle', 'Porchlight is starting.'],
  ];
  test('says in the menu until when a session is parked, and which was cut short', () => {
    const menu = trayMenu(
      state({
        sessions: [
          session(1, { state: 'idle' }),
          session(2, { state: 'parked', parked: PARKED }),
          session(3, { state: 'idle', interrupted: true }),
        ],
      }),
    );
    const labels = menu.flatMap((entry) => (entry === 'separator' ? [] : [entry.label]));
    expect(labels.slice(0, 3)).toEqual([
      'Session 3 — cut short, continue in the window',
      expect.stringMatching(/^Session 2 — parked until \S+ \d\d:\d\d/),
      'Session 1 — quiet',
    ]);
  });

  test.each(cases)('shows %s', (_name, given, lamp, tooltip) => {
    expect([lampOf(state(given)), tooltipOf(state(given))]).toEqual([lamp, tooltip]);
  });
});
