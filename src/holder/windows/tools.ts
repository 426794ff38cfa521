import { uptime } from 'node:os';
import { win32 } from 'node:path';
import { type Timers, systemTimers } from '../../connection/timers.ts';
import { type RunTool, runTool } from '../../local/run-tool.ts';
import { type StartLongTool, startLongTool } from '../long-tool.ts';

/** All that the Windows side does to its machine goes through here. */
export interface WindowsTools {
  readonly run: RunTool;
  readonly start: StartLongTool;
  readonly timers: Timers;
  /** System32: Windows would look for a bare name in the current folder first. */
  readonly system: string;
  /** Milliseconds since the machine was started, its sleep counted: never set, never back. */
  uptimeMs(): number;
}

export function systemWindowsTools(env: NodeJS.ProcessEnv = process.env): WindowsTools {
  return {
    run: runTool,
    start: startLongTool,
    timers: systemTimers,
    system: win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32'),
    uptimeMs: () => uptime() * 1_000,
  };
}

export const powercfgOf = ({ system }: WindowsTools): string => win32.join(system, 'powercfg.exe');
export const regOf = ({ system }: WindowsTools): string => win32.join(system, 'reg.exe');
export const powerShellOf = ({ system }: WindowsTools): string =>
  win32.join(system, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
