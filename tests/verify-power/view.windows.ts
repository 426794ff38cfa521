import { release } from 'node:os';
import { win32 } from 'node:path';
import type { RunTool } from '../../src/local/run-tool.ts';
import type { SystemView } from './rig.ts';

export function windowsView(run: RunTool, env: NodeJS.ProcessEnv): SystemView {
  const system = win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32');
  const powercfg = async (...args: readonly string[]): Promise<string> =>
    await run(win32.join(system, 'powercfg.exe'), args);
  const powerShell = async (command: string): Promise<string> =>
    await run(win32.join(system, 'WindowsPowerShell', 'v1.0', 'powershell.exe'), [
      '-NoProfile',
      '-NonInteractive',
      '-Command',
      command,
    ]);
  const lidValues = async (): Promise<readonly string[]> =>
    [
      ...(await powercfg('/qh', 'SCHEME_CURRENT', 'SUB_BUTTONS', 'LIDACTION')).matchAll(
        /0x[0-9a-f]{8}/giu,
      ),
    ]
      .map(([value]) => value)
      .slice(-2);
  return {
    about: async () => ({
      system: `Windows ${release()}`,
      'sleep states': (await powercfg('/a').catch(() => 'cannot be asked'))
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .slice(0, 6)
        .join(' / '),
    }),
    async settings() {
      const [ac, dc] = await lidValues();
      const scheme = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/iu.exec(
        await powercfg('/getactivescheme'),
      )?.[0];
      return {
        'power plan': scheme ?? 'not known',
        'lid on mains': ac ?? 'not there',
        'lid on battery': dc ?? 'not there',
      };
    },
    async idle() {
      try {
        const text = await powercfg('/requests');
        const at = text.split('\n').find((line) => /powershell\.exe/iu.test(line));
        return at === undefined
          ? { seen: 'powercfg /requests names no PowerShell', holds: false }
          : { seen: `powercfg /requests: ${at.trim()}`, holds: true };
      } catch {
        return { seen: 'powercfg /requests needs an administrator', holds: null };
      }
    },
    async lid() {
      const values = await lidValues();
      if (values.length < 2) return { seen: 'this plan knows no lid', holds: null };
      return {
        seen: `on mains ${values[0]}, on battery ${values[1]} (0: nothing happens)`,
        holds: values.every((value) => Number(value) === 0),
      };
    },
    async watchdogOf(pid) {
      // A number of ours, and nothing else, stands in the command.
      const text = await powerShell(
        `Get-CimInstance Win32_Process -Filter 'ParentProcessId=${Math.trunc(pid)}' | Where-Object { $_.CommandLine -like '*--watchdog*' } | ForEach-Object { $_.ProcessId }`,
      );
      const found = /^\s*(\d+)\s*$/mu.exec(text)?.[1];
      return found === undefined ? null : Number(found);
    },
  };
}
