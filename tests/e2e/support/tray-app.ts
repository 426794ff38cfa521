import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { withDeadline } from '../../../src/base/deadline.ts';
import type { TrayItem } from '../../fakes/status-notifier-host.ts';
import type { DesktopSession } from './desktop-session.ts';

export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const START_LIMIT_MS = 30_000;

/** The tray app of one home on one desktop, driven from outside. */
export interface TrayApp {
  readonly electron: ElectronApplication;
  readonly pid: number;
  readonly tray: TrayItem;
  /** The window, once it is open. */
  window(limitMs?: number): Promise<Page>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
}

/** The programs of `build/setup` that the tests share with `npm start`. */
const setup = {
  electron: async () =>
    (await import(join(root, 'build', 'setup', 'electron.mjs'))) as {
      electronPath(): Promise<string>;
    },
  session: async () =>
    (await import(join(root, 'build', 'setup', 'desktop-session.mjs'))) as {
      electronNeeds(env: NodeJS.ProcessEnv): {
        readonly args: readonly string[];
        readonly env: NodeJS.ProcessEnv;
      };
    },
};

export async function electronPath(): Promise<string> {
  const given = process.env.PORCHLIGHT_TEST_ELECTRON;
  return given !== undefined && given !== ''
    ? given
    : await (await setup.electron()).electronPath();
}

/** Where the tests keep real agents between runs: they are hundreds of megabytes. */
export function agentsCache(): string {
  return (
    process.env.PORCHLIGHT_AGENTS ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'porchlight', 'agents')
  );
}

/** Switches that Electron needs on this machine, the app's folder, and `args`. */
export async function appArgs(args: readonly string[], app = root): Promise<string[]> {
  const needs = (await setup.session()).electronNeeds(process.env);
  return ['--disable-gpu', ...needs.args, app, ...args];
}

export function appEnv(
  desktop: DesktopSession,
  home: string,
  extra: NodeJS.ProcessEnv = {},
): Record<string, string> {
  const env: NodeJS.ProcessEnv = { ...desktop.env, PORCHLIGHT_HOME: home, ...extra };
  for (const name of ['ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS', 'VITEST', 'INIT_CWD'])
    delete env[name];
  // Chromium refuses to run as root with its sandbox.
  if (process.getuid?.() === 0) env.ELECTRON_DISABLE_SANDBOX = '1';
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

export interface StartOptions {
  /** After the app's folder. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts the built app and does not wait for anything but Electron. */
export async function launchApp(
  desktop: DesktopSession,
  home: string,
  { args = [], env = {} }: StartOptions = {},
): Promise<ElectronApplication> {
  return await _electron.launch({
    executablePath: await electronPath(),
    args: await appArgs(args),
    env: appEnv(desktop, home, env),
    timeout: START_LIMIT_MS,
  });
}

/** Starts the built app and waits for its icon. */
export async function startTrayApp(
  desktop: DesktopSession,
  home: string,
  options: StartOptions = {},
): Promise<TrayApp> {
  const before = desktop.panel.registered.length;
  const electron = await launchApp(desktop, home, options);
  const child = electron.process();
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const tray = await desktop.panel.item(before + 1, START_LIMIT_MS);
  if (child.pid === undefined) throw new Error('Electron has no pid');
  return {
    electron,
    pid: child.pid,
    tray,
    ended,
    window: async (limitMs = START_LIMIT_MS) =>
      electron.windows()[0] ?? (await electron.waitForEvent('window', { timeout: limitMs })),
  };
}

/** Whether a process lives; a zombie does not. */
export function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** Starts the app where it must end by itself; answers how. */
export async function startInVain(
  desktop: DesktopSession,
  home: string,
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(await electronPath(), await appArgs([]), {
    env: appEnv(desktop, home),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
  try {
    return { code: await withDeadline(ended, START_LIMIT_MS, 'The start'), stderr };
  } finally {
    child.kill('SIGKILL');
  }
}
