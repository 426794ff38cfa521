import { app } from 'electron';
import { dirname, join } from 'node:path';
import { homeOf, makeHome } from '../local/home.ts';
import { appLog } from './app-log.ts';
import { leanChromium } from './lean-chromium.ts';
import type { Shell } from './shell.ts';
import { electronTray } from './tray/electron-tray.ts';
import type { TrayAction } from './tray/menu-entry.ts';
import { Tray } from './tray/tray.ts';
import { declareAppScheme } from './windows/declare-scheme.ts';

// The lamp in the tray is the first thing a person sees, so this file and what it imports are all
// that is parsed before it: no schemas, no host client, no window. Those are in two bundles of
// their own, `shell.ts` and, with the first window, `desktop.ts`.

/**
 * The icon reaches the panel by way of Chromium's own loop, some 10 ms after it is made; loading
 * the rest at once would hold that up by 50 ms.
 */
const REST_AFTER_MS = 80;

const home = homeOf(process.env);
const dist = dirname(__dirname);
const log = appLog(join(home.logs, 'app.log'), () => new Date());

process.on('uncaughtException', (error) => fail('Porchlight failed.', error));
// Whatever failed was on somebody's behalf and has told them; the lamp stays.
process.on('unhandledRejection', (error) =>
  log.error({ error: String(error) }, 'a promise failed'),
);

begin();

function begin(): void {
  try {
    makeHome(home);
  } catch (error) {
    return fail(
      `The folder ${home.root} cannot be used: set PORCHLIGHT_HOME to one that you can write.`,
      error,
    );
  }
  // Before anything reads it: every home has its own profile, and so its own instance lock.
  app.setPath('userData', home.app);
  declareAppScheme();
  leanChromium();
  if (app.requestSingleInstanceLock()) return void app.whenReady().then(lightUp);
  process.stdout.write('Porchlight is running already; its window comes up.\n');
  app.quit();
}

function lightUp(): void {
  const icon = electronTray(
    join(dist, '..', 'resources', 'tray'),
    (action) => void perform(action),
  );
  const tray = new Tray(icon);
  tray.update({});
  let up: Shell | null = null;
  const shell = later(REST_AFTER_MS).then(() => {
    const parts = require(join(dist, 'shell', 'shell.cjs')) as typeof import('./shell.ts');
    up = new parts.Shell({ home, dist, log, tray });
    return up;
  });
  const perform = async (action: TrayAction): Promise<void> => (await shell).perform(action);

  app.on('second-instance', () => void perform({ do: 'open' }));
  app.on('activate', () => void perform({ do: 'open' }));
  // Closing the window is not quitting: the lamp stays.
  app.on('window-all-closed', () => {});
  app.on('before-quit', () => {
    icon.destroy();
    // At once: the window says where it is while it is still there.
    up?.close();
  });
  // A logout, or whoever manages this process. The host is not ours to end.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => app.quit());
  const isHidden =
    process.argv.includes('--hidden') ||
    (process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin);
  void shell.then(async (ready) => await ready.start({ isHidden }));
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A dialog would hang where nobody looks; sessions go on without us. */
function fail(message: string, error: unknown): void {
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${message}\n${cause}\n`);
  log.error({ error: cause }, message);
  app.exit(1);
}
