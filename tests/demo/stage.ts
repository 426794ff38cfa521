import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostClient } from '../../src/connection/host-client.ts';
import { homeOf, type Home } from '../../src/local/home.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { SessionState } from '../../src/protocol/session/state.ts';
import { treeOf } from '../bench/process-memory.ts';
import { startDesktop, type DesktopSession } from '../e2e/support/desktop-session.ts';
import { hostOf, untilSession } from '../e2e/support/host-of.ts';
import { isAlive, root, startTrayApp, type TrayApp } from '../e2e/support/tray-app.ts';
import { WindowPage } from '../e2e/support/window-page.ts';
import { Painter } from './painter.ts';
import { killAll, processesOf, processOf, type Process } from './processes.ts';

/** A window as large as the picture in the README. */
const WINDOW = { width: 1_280, height: 800 };
/** Short and plain in the picture; the demo refuses to play over one that exists. */
const README_PROJECT = join(tmpdir(), 'porch-blog');
const COMMAND_LIMIT_MS = 20_000;
const PAGE_LIMIT_MS = 20_000;
const SHOT_LIMIT_MS = 5_000;
const END_LIMIT_MS = 15_000;
const POLL_MS = 50;
/** A person reads before deciding; the window ignores clicks on what has just moved. */
const READING_MS = 900;
const PICTURE = /^\d\d-[a-z-]+\.png$/;

export interface StageOptions {
  readonly electron: string;
  readonly electronArgs: readonly string[];
  /** Folder of the numbered pictures. */
  readonly pictures: string;
  /** File of the README's picture, when it is wanted. */
  readonly readme: string | null;
}

export interface CommandRun {
  readonly command: string;
  readonly code: number;
  readonly output: string;
}

/** What the steps play on: a desktop, a home and a project of their own, and the running app. */
export class Stage {
  readonly home: Home;
  readonly project: string;
  readonly readme: string | null;
  readonly painter: Painter;
  /** Number of the last event before the tray app was killed. */
  lastSeqSeen = 0;
  readonly #desktop: DesktopSession;
  readonly #furniture: readonly number[];
  readonly #pictures: string;
  readonly #appPids: number[] = [];
  #app: TrayApp | null = null;
  #client: HostClient | null = null;
  #sessionId: SessionId | null = null;
  #number = 0;
  #taken: string[] = [];

  private constructor(
    desktop: DesktopSession,
    painter: Painter,
    project: string,
    options: StageOptions,
  ) {
    this.#desktop = desktop;
    this.painter = painter;
    this.#pictures = options.pictures;
    this.readme = options.readme;
    this.home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, 'home') });
    this.project = project;
    // The bus and the painter go when the stage does, not when the app stops.
    this.#furniture = treeOf(processesOf(desktop.folder));
  }

  static async open(options: StageOptions): Promise<Stage> {
    const own = await startDesktop();
    // Chromium leaves a folder there when it is killed.
    process.env.TMPDIR = join(own.folder, 'tmp');
    mkdirSync(process.env.TMPDIR);
    // Whoever has a screen may watch; bus, panel and folders are our own all the same.
    const { DISPLAY } = process.env;
    const env = DISPLAY === undefined || DISPLAY === '' ? own.env : { ...own.env, DISPLAY };
    const desktop = { ...own, env: { ...env, TMPDIR: process.env.TMPDIR } };
    const folders = [own.folder];
    // However we end, nothing of ours stays: by then this must not take a single turn of the loop.
    process.once('exit', () => sweep(folders));
    try {
      const project = options.readme === null ? join(own.folder, 'porch-blog') : README_PROJECT;
      makeProject(project);
      folders.push(project);
      makeRoom(options.pictures);
      return new Stage(desktop, await Painter.start(own, options), project, options);
    } catch (error) {
      await own.stop();
      throw error;
    }
  }

  /** Pictures of the step that is on, and their names. */
  beginStep(number: number): void {
    this.#number = number;
    this.#taken = [];
  }

  get taken(): readonly string[] {
    return this.#taken;
  }

  get app(): TrayApp {
    if (this.#app === null) throw new Error('The tray app has not been started');
    return this.#app;
  }

  get client(): HostClient {
    if (this.#client === null) throw new Error('No connection to the host yet');
    return this.#client;
  }

  get sessionId(): SessionId {
    if (this.#sessionId === null) throw new Error('No session has been started yet');
    return this.#sessionId;
  }

  set sessionId(id: SessionId) {
    this.#sessionId = id;
  }

  async startApp(): Promise<TrayApp> {
    this.#app = await startTrayApp(this.#desktop, this.home.root, { args: ['--hidden'] });
    this.#appPids.push(this.#app.pid);
    return this.#app;
  }

  async connect(): Promise<HostClient> {
    this.#client = await hostOf(this.home);
    return this.#client;
  }

  /** The window, at the size of the pictures. */
  async window(): Promise<WindowPage> {
    const window = new WindowPage(await this.app.window());
    window.page.setDefaultTimeout(PAGE_LIMIT_MS);
    await this.app.electron.evaluate(({ BrowserWindow }, size) => {
      const [first] = BrowserWindow.getAllWindows();
      first?.setContentSize(size.width, size.height);
    }, WINDOW);
    return window;
  }

  async until(what: string, holds: (state: SessionState) => boolean): Promise<SessionState> {
    return await untilSession(this.client, this.sessionId, what, holds, PAGE_LIMIT_MS);
  }

  /** Waits until the lamp's words fit; what follows them tells of the lid of this machine. */
  async trayTells(words: string): Promise<void> {
    await this.app.tray.until(`lamp that says "${words}"`, PAGE_LIMIT_MS, async () =>
      (await this.app.tray.tooltip()).startsWith(words),
    );
  }

  async read(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, READING_MS));
  }

  /** A folder for one more session. */
  makeFolder(name: string): string {
    const folder = join(this.#desktop.folder, name);
    mkdirSync(folder);
    return folder;
  }

  /** A picture of the window. */
  async shoot(window: WindowPage, name: string): Promise<void> {
    await window.page.screenshot({ path: this.#picture(name), timeout: SHOT_LIMIT_MS });
  }

  /** A picture of the tray, with the line that is about to be clicked. */
  async shootTray(name: string, picked: readonly string[] = []): Promise<void> {
    const { tray } = this.app;
    const [icon, tooltip] = [await tray.icon(), await tray.tooltip()];
    const menu = picked.length === 0 ? [] : await tray.menu();
    await this.painter.tray(this.#picture(name), { icon, tooltip, menu, picked });
  }

  /** Runs the real command line; a picture of it comes from {@link shootTerminal}. */
  async porchlight(...args: string[]): Promise<CommandRun> {
    const env = { ...process.env, PORCHLIGHT_HOME: this.home.root };
    const script = join(root, 'dist', 'cli', 'main.js');
    return await new Promise((resolve, reject) => {
      const options = { env, timeout: COMMAND_LIMIT_MS, maxBuffer: 16 * 1024 * 1024 };
      execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
        const command = `porchlight ${args.join(' ')}`;
        if (error === null) return resolve({ command, code: 0, output: stdout });
        if (typeof error.code === 'number')
          return resolve({ command, code: error.code, output: stdout + stderr });
        reject(new Error(`"${command}" was not done: ${error.message}\n${stderr}`));
      });
    });
  }

  async shootTerminal(name: string, runs: readonly CommandRun[]): Promise<void> {
    await this.painter.terminal(this.#picture(name), runs);
  }

  /** What went wrong, as far as it can be seen. */
  async shootFailure(message: string): Promise<void> {
    const page = this.#app?.electron.windows()[0];
    try {
      if (page === undefined) throw new Error('There is no window');
      await page.screenshot({ path: this.#picture('failed'), timeout: SHOT_LIMIT_MS });
    } catch {
      this.#taken = [];
      await this.shootTerminal('failed', [
        { command: 'npm run demo', code: 1, output: `${message}\n\n(No window is open.)` },
      ]);
    }
  }

  /** Processes of this run that live, without those that the stage itself needs. */
  left(): Process[] {
    const furniture = new Set(treeOf(this.#furniture));
    // Electron writes over its own environment, so it is known by its number.
    const found = treeOf([...processesOf(this.#desktop.folder), ...this.#appPids]);
    return found.filter((pid) => isAlive(pid) && !furniture.has(pid)).map(processOf);
  }

  /** Waits until nothing of the run is left. */
  async untilEmpty(): Promise<void> {
    const deadline = Date.now() + END_LIMIT_MS;
    for (let left = this.left(); left.length > 0; left = this.left()) {
      if (Date.now() > deadline)
        throw new Error(
          `Left behind: ${left.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Puts everything away, whatever the steps have left; says what it had to kill. */
  async close(): Promise<readonly Process[]> {
    this.#client?.close();
    if (this.left().length > 0) await this.porchlight('host', 'stop', '--force').catch(() => null);
    if (this.#app !== null && isAlive(this.#app.pid)) {
      this.#app.electron.process().kill('SIGTERM');
      await Promise.race([this.#app.ended, delay(END_LIMIT_MS)]);
    }
    await this.untilEmpty().catch(() => null);
    const left = this.left();
    killAll(left.map(({ pid }) => pid));
    await this.painter.stop();
    await this.#desktop.stop();
    if (this.readme !== null) rmSync(this.project, { recursive: true, force: true });
    return left;
  }

  #picture(name: string): string {
    const file = `${String(this.#number).padStart(2, '0')}-${name}.png`;
    this.#taken.push(file);
    return join(this.#pictures, file);
  }
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function makeProject(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    throw new Error(`Cannot make ${folder} for the demo: remove what is there`, { cause: error });
  }
}

/** Takes the pictures of an earlier run away, and nothing else. */
function makeRoom(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (PICTURE.test(name)) rmSync(join(folder, name));
}

/** The last resort, on every way out: at once, and ours only. The first folder's name is unique. */
function sweep([folder, ...others]: readonly string[]): void {
  if (folder === undefined) return;
  const children = treeOf([process.pid]).filter((pid) => pid !== process.pid);
  killAll([...children, ...processesOf(folder)]);
  for (const each of [folder, ...others])
    rmSync(each, { recursive: true, force: true, maxRetries: 5 });
}
