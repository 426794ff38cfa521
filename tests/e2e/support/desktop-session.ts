import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { withDeadline } from '../../../src/base/deadline.ts';
import { StatusNotifierHost } from '../../fakes/status-notifier-host.ts';

const START_LIMIT_MS = 10_000;
const END_LIMIT_MS = 5_000;

/** A desktop of the test's own: an X server, a session bus, and unless refused a panel that reads trays. */
export interface DesktopSession {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly panel: StatusNotifierHost;
  stop(): Promise<void>;
}

export async function startDesktop(options: { panel?: boolean } = {}): Promise<DesktopSession> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-e2e-'));
  const stops: (() => Promise<void>)[] = [
    async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  ];
  const stop = async (): Promise<void> => {
    for (const undo of stops.toReversed()) await undo();
  };
  try {
    const display = await startDisplay(stops);
    const own: NodeJS.ProcessEnv = {
      ...process.env,
      DISPLAY: `:${display}`,
      XDG_RUNTIME_DIR: folder,
      XDG_CONFIG_HOME: join(folder, 'config'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_DATA_HOME: join(folder, 'data'),
      GTK_A11Y: 'none',
      NO_AT_BRIDGE: '1',
    };
    delete own.WAYLAND_DISPLAY;
    // What the bus starts by itself must keep to these folders too.
    const bus = await startBus(stops, own);
    // There is no system bus to find, and looking for one takes time.
    const env = { ...own, DBUS_SESSION_BUS_ADDRESS: bus, DBUS_SYSTEM_BUS_ADDRESS: bus };
    const panel = await StatusNotifierHost.start(bus, { isPanel: options.panel !== false });
    stops.push(async () => panel.stop());
    return { env, folder, panel, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startDisplay(stops: (() => Promise<void>)[]): Promise<number> {
  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp', '-noreset'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  stops.push(() => end(server));
  return Number(await firstLine(server, server.stdio[3] as Readable, 'Xvfb'));
}

async function startBus(stops: (() => Promise<void>)[], env: NodeJS.ProcessEnv): Promise<string> {
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--nopidfile', '--print-address=1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  });
  stops.push(() => end(bus));
  return await firstLine(bus, bus.stdout, 'dbus-daemon');
}

async function firstLine(child: ChildProcess, stream: Readable, name: string): Promise<string> {
  const line = new Promise<string>((resolve, reject) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')).trim());
    });
    child.once('error', (error) =>
      reject(new Error(`Cannot start ${name}: is it installed?`, { cause: error })),
    );
    child.once('exit', (code) =>
      reject(new Error(`${name} ended with ${code} before it was ready`)),
    );
  });
  return await withDeadline(line, START_LIMIT_MS, `Starting ${name}`);
}

/** Ends one process that this test has started, hard when it does not go by itself. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
  await gone;
  clearTimeout(timer);
}
