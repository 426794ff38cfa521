import type { RunTool } from '../../src/local/run-tool.ts';
import type { SystemView } from './rig.ts';

/** What `pmset -g` says of the moment, not of the setting. */
const MOMENT = /\s*\((?:display )?sleep prevented by .*\)$/u;

export function macosView(run: RunTool): SystemView {
  const live = async (): Promise<readonly string[]> =>
    (await run('/usr/bin/pmset', ['-g']))
      .split('\n')
      .map((line) => line.replace(MOMENT, '').trim().replace(/\s+/gu, ' '))
      .filter((line) => line !== '' && !line.endsWith(':'));
  return {
    about: async () => ({
      system: `macOS ${(await run('/usr/bin/sw_vers', ['-productVersion'])).trim()}`,
      machine: (await run('/usr/sbin/sysctl', ['-n', 'hw.model'])).trim(),
    }),
    async settings() {
      const lines = await live();
      const found = Object.fromEntries(
        lines.map((line) => {
          const at = line.lastIndexOf(' ');
          return [line.slice(0, at), line.slice(at + 1)];
        }),
      );
      // Where it was never set the line is missing, which is the same as 0.
      return { SleepDisabled: '0', ...found };
    },
    async idle(holderPid) {
      const lines = (await run('/usr/bin/pmset', ['-g', 'assertions'])).split('\n');
      const at = lines.findIndex((line) => line.includes(`on behalf of Process ID ${holderPid}`));
      if (at === -1) return { seen: 'pmset lists nothing of it', holds: false };
      return {
        seen: (lines[at - 1] ?? '').trim(),
        holds: (lines[at - 1] ?? '').includes('PreventUserIdleSystemSleep'),
      };
    },
    async lid() {
      const text = await run('/usr/sbin/ioreg', ['-r', '-k', 'AppleClamshellState', '-d', '4']);
      const said = text
        .split('\n')
        .filter((line) => /"(?:SleepDisabled|AppleClamshell\w+)" =/u.test(line))
        .map((line) => line.replace(/^[\s|]*/u, '').trim());
      if (said.length === 0) return { seen: 'ioreg shows no lid', holds: null };
      return { seen: said.join(', '), holds: said.includes('"SleepDisabled" = Yes') };
    },
    async watchdogOf(pid) {
      const rows = (await run('/bin/ps', ['-axo', 'pid=,ppid=,command='])).split('\n');
      for (const row of rows) {
        const [, own, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/u.exec(row) ?? [];
        if (Number(parent) === pid && command?.includes('--watchdog') === true) return Number(own);
      }
      return null;
    },
  };
}
