import { app } from 'electron';
import { dirname, join } from 'node:path';
import { homeOf } from '../local/home.ts';
import { appLog } from './app-log.ts';
import { leanChromium } from './lean-chromium.ts';
import type { Shell } from './shell.ts';
import { electronTray } from './tray/electron-tray.ts';
import type { TrayAction } from './tray/tray-menu.ts';
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

process.on('uncaughtException', (error) => {
  log.error({ error: error.stack ?? String(error) }, 'the tray app failed');
  process.stderr.write(`Porchlight failed: ${error.stack ?? String(error)}\n`);
  app.exit(1);
});
// Whatever failed was on somebody's behalf and has told them; the lamp stays.
process.on('unhandledRejection', (error) =>
  log.error({ error: String(error) }, 'a promise failed'),
);

// Before anything reads it: every home has its own profile, and so its own instance lock.
app.setPath('userData', home.app);
declareAppScheme();
leanChromium();

if (app.requestSingleInstanceLock()) void app.whenReady().then(lightUp);
else app.quit();

function lightUp(): void {
  const icon = electronTray(
    join(dist, '..', 'resources', 'tray'),
    (action) => void perform(action),
  );
  const tray = new Tray(icon);
  tray.update({});
  const shell = later(REST_AFTER_MS).then(() => {
    const parts = require(join(dist, 'shell', 'shell.cjs')) as typeof import('./shell.ts');
    return new parts.Shell({ home, dist, log, tray });
  });
  const perform = async (action: TrayAction): Promise<void> => (await shell).perform(action);

  app.on('second-instance', () => void perform({ do: 'open' }));
  app.on('activate', () => void perform({ do: 'open' }));
  // Closing the window is not quitting: the lamp stays.
  app.on('window-all-closed', () => {});
  app.on('before-quit', () => {
    icon.destroy();
    void shell.then((up: Shell) => up.close());
  });
  void shell.then((up: Shell) => up.start({ isHidden: process.argv.includes('--hidden') }));
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
