import { describe, expect, it } from 'vitest';
import { belongingTo, type ProcessRow } from '../../../src/keeper/process-tree.ts';
import { marksIn, parseStat } from '../../../src/keeper/process-tree.linux.ts';
import { parsePs } from '../../../src/keeper/process-tree.macos.ts';
import { parseCim } from '../../../src/keeper/process-tree.windows.ts';

const row = (pid: number, parent: number, more: Partial<ProcessRow> = {}): ProcessRow => ({
  pid,
  parent,
  group: pid,
  startedAt: 't',
  mark: null,
  owner: null,
  ...more,
});
const none: ReadonlySet<string> = new Set();

describe('the processes of an instance', () => {
  it('are the marked, the recorded, its group, and all their descendants', () => {
    const rows = [
      row(2, 1),
      row(10, 2, { group: 10 }),
      row(11, 10, { group: 10 }),
      row(12, 11),
      row(20, 1, { mark: 'i_a' }),
      row(21, 20),
      row(30, 1),
      row(31, 30),
      row(40, 1, { mark: 'i_b' }),
      row(50, 1, { group: 10 }),
    ];
    const pids = belongingTo(
      rows,
      { instance: 'i_a', owner: 'o', known: new Set(['30@t']), group: 10 },
      new Set(),
    ).map(({ pid }) => pid);
    expect(pids).toEqual([10, 11, 12, 20, 21, 30, 31, 50]);
  });

  it('are not a later process with a recorded pid', () => {
    expect(
      belongingTo(
        [row(30, 1, { startedAt: 'later' })],
        { instance: 'i_a', owner: 'o', known: new Set(['30@t']), group: null },
        new Set(),
      ),
    ).toEqual([]);
  });

  it('are never init or one that is spared, nor what that one started', () => {
    const rows = [row(1, 0, { mark: 'i_a' }), row(5, 1, { mark: 'i_a' }), row(6, 5)];
    expect(
      belongingTo(rows, { instance: 'i_a', owner: 'o', known: none, group: null }, new Set([5])),
    ).toEqual([]);
  });

  it('are found also in a ring of parents', () => {
    const rows = [row(5, 6, { mark: 'i_a' }), row(6, 5)];
    expect(
      belongingTo(rows, { instance: 'i_a', owner: 'o', known: none, group: null }, new Set()).map(
        ({ pid }) => pid,
      ),
    ).toEqual([5, 6]);
  });
});

describe('Linux', () => {
  it('reads a stat line whose name holds spaces and parentheses', () => {
    const text =
      '4711 (tmux: (x) R) S 4700 4711 4711 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 8812345 1000 200 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n';
    expect(parseStat(text)).toEqual({
      pid: 4711,
      parent: 4700,
      group: 4711,
      startedAt: '8812345',
      isZombie: false,
    });
  });

  it('takes a process that vanished for none', () => {
    expect([parseStat(null), parseStat('')]).toEqual([null, null]);
  });

  it('finds the mark only at the start of an entry', () => {
    expect([
      marksIn('A=1\0AGENT_KEEPER_INSTANCE=i_abc\0AGENT_KEEPER_HOME=0123\0B=2'),
      marksIn('A=1\0AGENT_KEEPER_INSTANCE=i_of-an-older-keeper\0'),
      marksIn('X=AGENT_KEEPER_INSTANCE=i_abc\0'),
      marksIn(null),
    ]).toEqual([
      { mark: 'i_abc', owner: '0123' },
      { mark: 'i_of-an-older-keeper', owner: null },
      { mark: null, owner: null },
      { mark: null, owner: null },
    ]);
  });
});

describe('macOS', () => {
  // ps -ax -Eww -o pid=,ppid=,pgid=,stat=,lstart=,command=
  const output = [
    '    1     0     1 Ss   Mon Nov  3 09:00:01 2025     /sbin/launchd',
    '  812     1   812 S    Fri Nov 21 04:17:13 2025     /usr/local/bin/node /x/claude-agent-acp HOME=/Users/a AGENT_KEEPER_INSTANCE=i_abcdefabcdef AGENT_KEEPER_HOME=0123 SHELL=/bin/zsh',
    '  813   812   812 S+   Fri Nov 21 04:17:14 2025     sh -c echo AGENT_KEEPER_INSTANCE=fake; sleep 9 PATH=/bin AGENT_KEEPER_INSTANCE=i_abcdefabcdef',
    '  814   813   814 Z    Fri Nov 21 04:17:15 2025     (sleep)',
    '',
  ].join('\n');

  it('reads process, parent, group, start and mark; zombies are left out', () => {
    expect(parsePs(output)).toEqual([
      {
        pid: 1,
        parent: 0,
        group: 1,
        startedAt: 'Mon Nov 3 09:00:01 2025',
        mark: null,
        owner: null,
      },
      {
        pid: 812,
        parent: 1,
        group: 812,
        startedAt: 'Fri Nov 21 04:17:13 2025',
        mark: 'i_abcdefabcdef',
        owner: '0123',
      },
      {
        pid: 813,
        parent: 812,
        group: 812,
        startedAt: 'Fri Nov 21 04:17:14 2025',
        mark: 'i_abcdefabcdef',
        owner: null,
      },
    ]);
  });
});

describe('Windows', () => {
  it('reads a list, and drops a parent that is younger than its child', () => {
    const output = JSON.stringify([
      { CreationDate: null, ParentProcessId: 0, ProcessId: 4 },
      { ProcessId: 900, ParentProcessId: 4, CreationDate: '2025-11-21T04:17:13.1234567Z' },
      { ProcessId: 901, ParentProcessId: 900, CreationDate: '2025-11-21T04:17:14.0000000Z' },
      { ProcessId: 902, ParentProcessId: 901, CreationDate: '2025-11-21T04:17:10.0000000Z' },
    ]);
    expect(parseCim(output).map(({ pid, parent }) => [pid, parent])).toEqual([
      [900, 4],
      [901, 900],
      [902, 0],
    ]);
  });

  it('reads a single process, which PowerShell does not put in a list, and none', () => {
    const one = {
      ProcessId: 900,
      ParentProcessId: 4,
      CreationDate: '2025-11-21T04:17:13.1234567Z',
    };
    expect([parseCim(JSON.stringify(one)), parseCim('\r\n')]).toEqual([
      [{ pid: 900, parent: 4, group: 0, startedAt: one.CreationDate, mark: null, owner: null }],
      [],
    ]);
  });
});
