import { BrowserWindow, nativeImage, screen } from 'electron';
import type { Logger } from '../../base/log.ts';
import { TARGET_CHANNEL } from '../../ipc/channels.ts';
import type { WindowTarget } from '../../ipc/schema.ts';
import type { Bitmap } from '../badge/badge-picture.ts';
import { APP_ORIGIN } from './app-files.ts';
import { MIN_SIZE, windowPosition, type Box } from './window-position.ts';

export interface WindowMemory {
  windowBox: Box | null;
}

/**
 * The one window: made when it is first wanted and destroyed when it is closed, because a hidden
 * window costs as much memory as a visible one.
 */
export class MainWindow {
  readonly #preload: string;
  readonly #memory: WindowMemory;
  readonly #log: Logger;
  #window: BrowserWindow | null = null;
  #isReady = false;
  #target: WindowTarget | null = null;

  constructor(preload: string, memory: WindowMemory, log: Logger) {
    this.#preload = preload;
    this.#memory = memory;
    this.#log = log;
  }

  /** Whether a message comes from our page in our window. */
  owns(sender: { readonly id: number }, frameOrigin: string | undefined): boolean {
    return this.#window?.webContents.id === sender.id && frameOrigin === APP_ORIGIN;
  }

  get contents(): Electron.WebContents | null {
    return this.#window?.webContents ?? null;
  }

  /** Brings the window up, at `target` if one is given. */
  show(target?: WindowTarget): void {
    if (target !== undefined) this.#target = target;
    this.#window ??= this.#make();
    this.#pass();
    if (!this.#window.isVisible()) return;
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.focus();
  }

  /** A small picture on the taskbar's button, where the system has that (Windows). */
  overlay(picture: Bitmap | null, words: string): void {
    const image =
      picture &&
      nativeImage.createFromBitmap(picture.pixels, {
        width: picture.size,
        height: picture.size,
        scaleFactor: 2,
      });
    this.#window?.setOverlayIcon(image, words);
  }

  /** At once, whatever the page thinks of it. */
  close(): void {
    if (this.#window === null) return;
    this.#remember(this.#window);
    this.#window.destroy();
  }

  #make(): BrowserWindow {
    const box = windowPosition(
      this.#memory.windowBox,
      screen.getAllDisplays().map((display) => display.workArea),
    );
    const window = new BrowserWindow({
      ...box,
      minWidth: MIN_SIZE.width,
      minHeight: MIN_SIZE.height,
      title: 'Porchlight',
      show: false,
      autoHideMenuBar: true,
      webPreferences: {
        preload: this.#preload,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
      },
    });
    this.#isReady = false;
    window.once('ready-to-show', () => window.show());
    window.webContents.on('dom-ready', () => {
      this.#isReady = true;
      this.#pass();
    });
    window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      // The next click opens a new one; nothing is lost with a window.
      this.#log.error({ reason, exitCode }, 'the window crashed');
      window.destroy();
    });
    window.on('close', () => this.#remember(window));
    window.on('closed', () => {
      this.#window = null;
    });
    window.loadURL(`${APP_ORIGIN}/index.html`).catch(() => {
      // Our scheme always answers, so this is a window closed while it loads. Do not touch it here:
      // Electron 33 dies of show() on a window that is being destroyed.
    });
    return window;
  }

  #remember(window: BrowserWindow): void {
    this.#memory.windowBox = window.getNormalBounds();
  }

  #pass(): void {
    if (!this.#isReady || this.#target === null) return;
    this.#window?.webContents.send(TARGET_CHANNEL, this.#target);
    this.#target = null;
  }
}
