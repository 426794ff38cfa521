import { app } from 'electron';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { homeOf } from '../local/home.ts';
import { appLog } from './app-log.ts';
import type { Shell } from './shell.ts';
import { electronTray } from './tray/electron-tray.ts';
import type { TrayAction } from './tray/tray-menu.ts';
import { Tray } from './tray/tray.ts';
import { declareAppScheme } from './windows/app-scheme.ts';

// The lamp in the tray is the first thing a person sees, so this file and what it imports are all
// that is loaded before it: no schemas, no host client, no window. `shell.ts` brings those.

const home = homeOf(process.env);
const dist = dirname(__dirname);
const log = appLog(join(home.logs, 'app.log'), () => new Date());

process.on('uncaughtException', (error) => {
  log.error({ error: error.stack ?? String(error) }, 'the tray app failed');
  process.stderr.write(`Porchlight failed: ${error.stack ?? error}\n`);
  app.exit(1);
});
// Whatever failed was on somebody's behalf and has told them; the lamp stays.
process.on('unhandledRejection', (error) => log.error({ error: String(error) }, 'a promise failed'));

// Before anything reads it: every home has its own profile, and so its own instance lock.
app.setPath('userData', home.app);
declareAppScheme();

if (app.requestSingleInstanceLock()) void app.whenReady().then(lightUp);
else app.quit();

function lightUp(): void {
  const icon = electronTray(join(dist, '..', 'resources', 'tray'), (action) => void perform(action));
  const tray = new Tray(icon);
  tray.update({});
  const shell = import('./shell.ts').then(({ Shell }) => new Shell({ home, dist, log, tray }));
  const perform = async (action: TrayAction): Promise<void> => (await shell).perform(action);

  app.on('second-instance', () => void perform({ do: 'open' }));
  app.on('activate', () => void perform({ do: 'open' }));
  // Closing the window is not quitting: the lamp stays.
  app.on('window-all-closed', () => {});
  app.on('before-quit', () => {
    icon.destroy();
    void shell.then((up) => up.close());
  });
  void shell.then(greet);
}

/** Starts what is behind the lamp; opens the window where a person would look for one in vain. */
async function greet(shell: Shell): Promise<void> {
  void shell.start();
  const { missingTray } = await import('./status-notifier.ts');
  const notice = await missingTray(process.platform);
  const isFirst = !existsSync(join(home.app, 'preferences.json'));
  if (notice !== null) await shell.show({ screen: 'home', notice });
  else if (isFirst && !process.argv.includes('--hidden')) await shell.show();
}
