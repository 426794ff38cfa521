import { describe, expect, test } from 'vitest';
import { macosProcessLook } from '../../../../src/host/reach/process-look.macos.ts';
import { windowsProcessLook } from '../../../../src/host/reach/process-look.windows.ts';
import type { RunTool } from '../../../../src/local/run-tool.ts';

const UNSEEN = { stopped: null, connections: null };
/** As ps(1) and lsof(8) of macOS print what they are asked for; from their manuals. */
const PS = 'S   \nS+  \n';
const LSOF = 'p501\nf23\nf24\np502\nf11\n';

function tools(outputs: Readonly<Record<string, string | Error>>): {
  run: RunTool;
  calls: string[][];
} {
  const calls: string[][] = [];
  return {
    calls,
    run: async (command, args) => {
      calls.push([command, ...args]);
      const output = outputs[command] ?? new Error(`no ${command}`);
      if (output instanceof Error) throw output;
      return output;
    },
  };
}

describe('processes on macOS, by what its tools print', () => {
  test('run, and have connections', async () => {
    const { run, calls } = tools({ '/bin/ps': PS, '/usr/sbin/lsof': LSOF });
    expect(await macosProcessLook(run)([501, 502])).toEqual({ stopped: false, connections: 3 });
    expect(calls.map(([command]) => command)).toEqual(['/bin/ps', '/usr/sbin/lsof']);
    expect(calls.every((call) => call.includes('501,502'))).toBe(true);
  });

  test.each([
    [
      'stand still',
      { '/bin/ps': 'S\nT+\n', '/usr/sbin/lsof': '' },
      { stopped: true, connections: 0 },
    ],
    ['are gone', { '/bin/ps': '', '/usr/sbin/lsof': '' }, { stopped: null, connections: 0 }],
    [
      'where lsof hangs',
      { '/bin/ps': 'S\n', '/usr/sbin/lsof': new Error('timeout') },
      { stopped: false, connections: null },
    ],
    ['where nothing can be asked', {}, UNSEEN],
  ])('%s', async (_, outputs, expected) => {
    expect(await macosProcessLook(tools(outputs).run)([501])).toEqual(expected);
  });

  test('none is asked for nothing', async () => {
    const { run, calls } = tools({});
    expect(await macosProcessLook(run)([])).toEqual(UNSEEN);
    expect(calls).toEqual([]);
  });
});

describe('processes on Windows, by what PowerShell answers', () => {
  test.each([
    ['run', '{"stopped":false,"connections":2}', { stopped: false, connections: 2 }],
    ['are suspended', '{"stopped":true,"connections":0}', { stopped: true, connections: 0 }],
    ['are gone', '{"stopped":null,"connections":0}', { stopped: null, connections: 0 }],
    ['where it says something else', 'Access is denied.', UNSEEN],
    ['where it hangs', new Error('timeout'), UNSEEN],
  ])('%s', async (_, output, expected) => {
    expect(await windowsProcessLook(tools({ 'powershell.exe': output }).run)([7])).toEqual(
      expected,
    );
  });

  test('nothing but numbers goes into the command', async () => {
    const { run, calls } = tools({ 'powershell.exe': '{"stopped":false,"connections":0}' });
    await windowsProcessLook(run)([7, 8.5]);
    expect(calls[0]?.join(' ')).toContain('$ids=@(7,8);');
  });
});
