import { statSync } from 'node:fs';
import { uptime } from 'node:os';
import { type Timers, systemTimers } from '../../connection/timers.ts';
import { type RunTool, runTool } from '../../local/run-tool.ts';
import { type StartLongTool, startLongTool } from '../long-tool.ts';

/** By their full paths: what a PATH puts before them is not asked. */
export const PMSET = '/usr/bin/pmset';
export const SUDO = '/usr/bin/sudo';
export const IOREG = '/usr/sbin/ioreg';
export const CAFFEINATE = '/usr/bin/caffeinate';
export const OSASCRIPT = '/usr/bin/osascript';

/** All that the macOS side does to its machine goes through here. */
export interface MacosTools {
  readonly run: RunTool;
  readonly start: StartLongTool;
  readonly timers: Timers;
  /** Of this process, for whose life `caffeinate` holds. */
  readonly pid: number;
  readonly uid: number;
  fileExists(path: string): boolean;
  /** Milliseconds since the machine was started, its sleep counted: never set, never back. */
  uptimeMs(): number;
}

export function systemMacosTools(): MacosTools {
  return {
    run: runTool,
    start: startLongTool,
    timers: systemTimers,
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    fileExists: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
    uptimeMs: () => uptime() * 1_000,
  };
}

export const pause = async (timers: Timers, ms: number): Promise<void> =>
  await new Promise((resolve) => void timers.after(ms, resolve));

/** What a tool said when it failed: Node puts its stderr behind the first line. */
export function complaintOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = '', ...rest] = message.trim().split('\n');
  const said = rest.join(' ').trim();
  return (said === '' ? first : said).slice(0, 300);
}
