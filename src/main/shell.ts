import { app, dialog, powerMonitor } from 'electron';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Logger } from '../base/log.ts';
import type { WindowTarget } from '../ipc/schema.ts';
import { approvalIdSchema, commandIdSchema } from '../protocol/ids.ts';
import type { Home } from '../local/home.ts';
import { isNewer, wantBuild } from '../local/host-build.ts';
import { badgeFor, type Badge } from './badge/badge.ts';
import { HostConnection } from './host-connection.ts';
import { hostSocket } from './host-socket.ts';
import { LidAlarm } from './lid-alarm.ts';
import { loginItem, type LoginItem } from './login-item.ts';
import { performPower } from './power-acts.ts';
import { recentFolders } from './recent-folders.ts';
import { DesktopEnd } from './notifications/desktop-end.ts';
import { noticeDaemon } from './notifications/notice-daemon.ts';
import { systemNotices } from './notifications/system-notices.ts';
import { tellOfSleep } from './machine-sleep.ts';
import { missingTray } from './status-notifier.ts';
import { systemAlarm } from './system-alarm.ts';
import type { TrayAction } from './tray/menu-entry.ts';
import { badgeOf, countsOf } from './tray/tray-state.ts';
import type { Tray } from './tray/tray.ts';
import { WaitTeller } from './tray/wait-teller.ts';
import type { Desktop } from './desktop.ts';

/** Written by `preferences.ts`, which comes with the window. */
const PREFERENCES_FILE = 'preferences.json';
/** Ending agents takes up to their 6 s of grace, and what they started a little longer. */
const STOP_ALL_LIMIT_MS = 30_000;

export interface ShellOptions {
  readonly home: Home;
  /** Folder of the built programs. */
  readonly dist: string;
  readonly log: Logger;
  readonly tray: Tray;
}

/** What the tray's menu and the window can do. Loaded after the icon is up. */
export class Shell {
  readonly #options: ShellOptions;
  readonly #host: HostConnection;
  readonly #notices: DesktopEnd;
  readonly #badge: Badge;
  readonly #waits: WaitTeller;
  readonly #login: LoginItem | null;
  readonly #deafen: () => void;
  #desktop: Desktop | null = null;
  #hasUpdated = false;

  constructor(options: ShellOptions) {
    this.#options = options;
    const { home, dist, log, tray } = options;
    const ways = systemNotices(noticeDaemon(process.platform, () => performance.now()));
    const alarm = new LidAlarm(
      systemAlarm({
        ways,
        open: () => this.show({ screen: 'power' }),
        instead: ({ title }) => tray.update({ failure: title }),
      }),
    );
    this.#host = new HostConnection({
      door: hostSocket(home, { dist, execPath: process.execPath }),
      version: app.getVersion(),
      log,
      random: Math.random,
      changed: (change) => {
        tray.update(change);
        this.#badge.show(badgeOf(tray.state));
        this.#waits.look();
        if (change.sessions !== undefined) this.#showFolders();
      },
      reached: (running) => this.#update(running),
      lid: (report) => alarm.lid(report, tray.state.power),
      followed: ({ attention }) => this.#notices.followed(attention),
      heard: (notice) => this.#notices.heard(notice),
    });
    this.#notices = new DesktopEnd({
      host: this.#host,
      ways,
      log,
      show: (target) => this.show(target),
    });
    this.#deafen = tellOfSleep(process.platform, {
      monitor: () => powerMonitor,
      call: async (method, params, limitMs) => await this.#host.call(method, params, limitMs),
      log,
    });
    this.#waits = new WaitTeller({
      state: () => tray.state,
      tell: (waiting) => tray.update({ waiting }),
      nowMs: () => Date.now(),
      inAMinute: (again) => void setTimeout(again, 60_000).unref(),
    });
    this.#badge = badgeFor(process.platform, {
      app,
      window: () => this.#desktop?.window ?? null,
    });
    this.#login = loginItem(process.platform, {
      home,
      env: process.env,
      userFolder: homedir(),
      program: process.env.APPIMAGE ?? process.execPath,
      args: app.isPackaged ? [] : [app.getAppPath()],
      system: app,
    });
  }

  /** Connects, and opens the window where a person would look for the lamp in vain. */
  async start({ isHidden }: { isHidden: boolean }): Promise<void> {
    void this.#host.start();
    this.#login?.mend();
    this.#options.tray.update({ startsAtLogin: this.#login?.isOn() ?? null });
    const notice = await missingTray(process.platform);
    if (notice !== null) return this.show({ screen: 'home', notice });
    const isFirst = !existsSync(join(this.#options.home.app, PREFERENCES_FILE));
    if (isFirst && !isHidden) this.show();
  }

  perform(action: TrayAction): void {
    this.#options.tray.update({ failure: null });
    this.#act(action).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.log.warn({ action: action.do, error: message }, 'a tray action failed');
      this.#options.tray.update({ failure: message });
    });
  }

  async #act(action: TrayAction): Promise<void> {
    switch (action.do) {
      case 'open':
        return this.show();
      case 'openSession':
        return this.show({ screen: 'session', sessionId: action.sessionId });
      case 'newSession': {
        const { do: _, ...prefilled } = action;
        return this.show({ screen: 'newSession', ...prefilled });
      }
      case 'pair':
        return this.show({ screen: 'pair' });
      case 'openPower':
        return this.show({ screen: 'power' });
      case 'keepAwake':
      case 'hold':
      case 'releaseHolds':
      case 'sleepWhenDone':
        return await performPower(action, {
          host: this.#host,
          power: () => this.#options.tray.state.power,
          openPower: () => this.show({ screen: 'power' }),
        });
      case 'decide':
        return await this.#decide(action);
      case 'startHost':
        return await this.#host.start();
      case 'startAtLogin':
        try {
          return this.#login?.set(action.on);
        } finally {
          this.#options.tray.update({ startsAtLogin: this.#login?.isOn() ?? null });
        }
      case 'quit':
        return app.quit();
      case 'stopEverything':
        return await this.#stopEverything();
    }
  }

  /** Brings the window up; its code is loaded with its first use. */
  show(target?: WindowTarget): void {
    this.#openDesktop().window.show(target);
    this.#badge.again();
  }

  /** Quick, and leaves the host alone. */
  close(): void {
    this.#deafen();
    this.#notices.close();
    this.#host.close();
    this.#desktop?.window.close();
  }

  /** An update of the app brings its host with it. Agents, keeper and open questions stay. */
  #update(running: string): void {
    const version = app.getVersion();
    // Once: a host that could not be started anew has been replaced by the one before.
    if (this.#hasUpdated || !isNewer(version, running) || process.env.APPDIR !== undefined) return;
    this.#hasUpdated = true;
    const { home, dist, log } = this.#options;
    log.info({ running, version }, 'the host is older than the app: it is started anew');
    const update = async (): Promise<void> => {
      wantBuild(home, { execPath: process.execPath, dist, version, isElectron: true });
      await this.#host.call('host.stop', { all: false });
    };
    update().catch((error: unknown) =>
      log.warn({ error: String(error) }, 'the host was not updated'),
    );
  }

  #openDesktop(): Desktop {
    if (this.#desktop !== null) return this.#desktop;
    const { dist, log, tray } = this.#options;
    const parts = require(join(dist, 'desktop', 'desktop.cjs')) as typeof import('./desktop.ts');
    this.#desktop = new parts.Desktop({
      page: join(dist, 'renderer', 'desktop'),
      preload: join(dist, 'preload', 'preload.cjs'),
      log,
      openSocket: () => this.#host.socket(),
      startHost: () => this.#host.start(),
      sessions: () => tray.state.sessions,
      foldersChanged: () => this.#showFolders(),
    });
    this.#showFolders();
    return this.#desktop;
  }

  #showFolders(): void {
    const { tray } = this.#options;
    tray.update({
      recentFolders: this.#desktop?.recentFolders() ?? recentFolders([], tray.state.sessions),
    });
  }

  async #decide(action: TrayAction & { do: 'decide' }): Promise<void> {
    const { outcome } = await this.#host.call('approval.decide', {
      commandId: commandIdSchema.parse(uuidv7()),
      approvalId: approvalIdSchema.parse(action.approvalId),
      hash: action.hash,
      choice: { allow: action.allow },
    });
    if (outcome !== 'decided') throw new Error(`Not decided from here: ${OUTCOME_WORDS[outcome]}`);
  }

  async #stopEverything(): Promise<void> {
    const { working, needYou } = countsOf(this.#options.tray.state);
    if (working + needYou > 0 && !(await confirmed(working + needYou))) return;
    await this.#host.call('host.stop', { all: true }, STOP_ALL_LIMIT_MS);
    app.quit();
  }
}

const OUTCOME_WORDS = {
  superseded: 'somebody else was faster.',
  expired: 'it had expired.',
  notAllowed: 'this surface may not.',
  notThisCall: 'the call has changed since it was shown.',
} as const;

async function confirmed(sessions: number): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message:
      sessions === 1
        ? 'Stop the session that is at work?'
        : `Stop the ${sessions} sessions that are at work?`,
    detail:
      'Their agents end now. The sessions can be resumed later; what is under way is cut short.',
    buttons: ['Keep working', 'Stop everything'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return response === 1;
}
