import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withDeadline } from '../../src/base/deadline.ts';
import { homeOf, makeHome, type Home } from '../../src/local/home.ts';
import type { HostStatus } from '../../src/protocol/methods.ts';
import { startDesktop, type DesktopSession } from '../e2e/support/desktop-session.ts';
import { endHost, hostOf } from '../e2e/support/host-of.ts';
import { appArgs, appEnv, electronPath, root } from '../e2e/support/tray-app.ts';
import { figure, type Figure } from './figure.ts';
import { cpuMs, pssBytes, treeOf } from './process-memory.ts';

export interface TrayBenchOptions {
  /** Interleaved runs of each kind; the first of each is thrown away. */
  readonly rounds: number;
  /** After the start, before anything counts as idle. */
  readonly settleMs: number;
  /** Over which idle CPU is counted. */
  readonly idleMs: number;
}

const DEFAULTS: TrayBenchOptions = { rounds: 5, settleMs: 6_000, idleMs: 10_000 };
const LIMIT_MS = 30_000;

interface Kind {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Start and memory of the tray app against a bare Electron tray app, run in turns on one desktop. The tray
 * app's memory counts its host and keeper; both sides are proportional set sizes of all processes.
 */
export async function benchTray(options: TrayBenchOptions = DEFAULTS): Promise<Figure[]> {
  const desktop = await startDesktop();
  const home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, 'home') });
  makeHome(home);
  try {
    const bare: Kind = {
      args: await appArgs([], join(root, 'tests', 'bench', 'bare-tray')),
      env: {
        BARE_TRAY_DATA: join(desktop.folder, 'bare'),
        BARE_TRAY_ICON: join(root, 'resources', 'tray', 'idle-dark.png'),
      },
    };
    const ours: Kind = { args: await appArgs(['--hidden']), env: {} };
    const starts = await startRatios(desktop, home, bare, ours, options);
    const idle = await idleRatios(desktop, home, bare, ours, options);
    return [...starts, ...idle];
  } finally {
    await endHost(home, LIMIT_MS);
    await desktop.stop();
  }
}

async function startRatios(
  desktop: DesktopSession,
  home: Home,
  bare: Kind,
  ours: Kind,
  { rounds }: TrayBenchOptions,
): Promise<Figure[]> {
  const times: { bare: number[]; ours: number[] } = { bare: [], ours: [] };
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, kind] of [
      ['bare', bare],
      ['ours', ours],
    ] as const) {
      const running = await start(desktop, home, kind);
      if (round > 0) times[name].push(running.startMs);
      await end(running.child);
    }
  const ratio = median(times.ours) / median(times.bare);
  return [
    figure('tray start, bare Electron', median(times.bare), 'ms'),
    figure('tray start', median(times.ours), 'ms'),
    figure('tray start / bare Electron', ratio, '×', { atMost: 1.15 }),
  ];
}

async function idleRatios(
  desktop: DesktopSession,
  home: Home,
  bare: Kind,
  ours: Kind,
  options: TrayBenchOptions,
): Promise<Figure[]> {
  const memory: { bare: number[]; ours: number[] } = { bare: [], ours: [] };
  const cpu: number[] = [];
  for (let round = 0; round < options.rounds; round += 1)
    for (const [name, kind] of [
      ['bare', bare],
      ['ours', ours],
    ] as const) {
      const { child, pid } = await start(desktop, home, kind);
      await sleep(options.settleMs);
      const status = name === 'ours' ? await hostStatus(home) : null;
      const roots = status === null ? [pid] : [pid, status.pid, status.keeperPid];
      const processes = treeOf(roots);
      if (name === 'ours') {
        const before = cpuMs(processes);
        await sleep(options.idleMs);
        cpu.push(((cpuMs(processes) - before) / options.idleMs) * 100);
      }
      memory[name].push(pssBytes(processes));
      await end(child);
      // Each round finds the machine alike: a host whose pages nobody shares counts for more.
      await endHost(home, LIMIT_MS);
    }
  const ratio = median(memory.ours) / median(memory.bare);
  const MiB = 1024 * 1024;
  return [
    figure('idle memory, bare Electron', median(memory.bare) / MiB, 'MiB PSS'),
    figure('idle memory, tray app + host + keeper', median(memory.ours) / MiB, 'MiB PSS'),
    figure('idle memory / bare Electron', ratio, '×', { atMost: 2.1, stretch: 1.8 }),
    figure('idle CPU, tray app + host + keeper', median(cpu), '%', { atMost: 0.3 }),
  ];
}

async function start(
  desktop: DesktopSession,
  home: Home,
  kind: Kind,
): Promise<{ child: ChildProcess; pid: number; startMs: number }> {
  const before = desktop.panel.registered.length;
  const executable = await electronPath();
  const startedAt = Date.now();
  const child = spawn(executable, kind.args, {
    stdio: 'ignore',
    env: { ...appEnv(desktop, home.root), ...kind.env },
  });
  await desktop.panel.item(before + 1, LIMIT_MS);
  const registered = desktop.panel.registered[before];
  if (registered === undefined || child.pid === undefined)
    throw new Error('The app did not start.');
  return { child, pid: child.pid, startMs: registered.atMs - startedAt };
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await withDeadline(gone, LIMIT_MS, 'Ending the app');
}

async function hostStatus(home: Home): Promise<HostStatus> {
  const client = await hostOf(home);
  const status = await client.call('host.status', {});
  client.close();
  return status;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
