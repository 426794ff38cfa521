import type { Socket } from 'node:net';
import type { Logger } from '../base/log.ts';
import type { SessionSummary } from '../protocol/session/state.ts';
import { answerWindow } from './ipc-handlers.ts';
import { Preferences } from './preferences.ts';
import { recentFolders } from './recent-folders.ts';
import { serveAppFiles } from './windows/app-scheme.ts';
import { setAppMenu } from './windows/app-menu.ts';
import { MainWindow } from './windows/main-window.ts';
import { guardWindows } from './windows/window-guard.ts';

export interface DesktopOptions {
  /** Folder of the built page. */
  readonly page: string;
  readonly preload: string;
  readonly log: Logger;
  openSocket(): Promise<Socket>;
  startHost(): Promise<void>;
  sessions(): readonly SessionSummary[];
  foldersChanged(): void;
}

/** Everything that exists only once a window was wanted: guard, page, preferences, calls. */
export class Desktop {
  readonly window: MainWindow;
  readonly #preferences = new Preferences();
  readonly #options: DesktopOptions;

  constructor(options: DesktopOptions) {
    this.#options = options;
    guardWindows();
    setAppMenu(process.platform === 'darwin');
    serveAppFiles(options.page);
    this.window = new MainWindow(options.preload, this.#preferences, options.log);
    answerWindow({
      log: options.log,
      owns: (sender, frameOrigin) => this.window.owns(sender, frameOrigin),
      openSocket: options.openSocket,
      startHost: options.startHost,
      recentFolders: () => this.recentFolders(),
      rememberFolder: (folder) => {
        this.#preferences.rememberFolder(folder);
        options.foldersChanged();
      },
    });
  }

  recentFolders(): string[] {
    return recentFolders(this.#preferences.recentFolders, this.#options.sessions());
  }
}
