import { userInfo } from 'node:os';
import { join } from 'node:path';
import { systemTimers, type Timers } from '../connection/timers.ts';
import { powerJournalFolder } from '../local/power-journal.ts';
import { type RunTool, runTool } from '../local/run-tool.ts';
import type { HolderSensors } from '../protocol/holder.ts';
import { BusInhibit, POWER_MANAGEMENT, SESSION_MANAGER } from './linux/bus-inhibit.ts';
import { CinnamonLid } from './linux/cinnamon-lid.ts';
import { DbusBus } from './linux/dbus-bus.ts';
import { DesktopConsent } from './linux/desktop-consent.ts';
import {
  type IdleJudge,
  POWERDEVIL,
  readDesktop,
  readIdleJudge,
  refreshPowerDevil,
} from './linux/desktop.ts';
import { effectsOf } from './linux/effects.ts';
import { InhibitChild } from './linux/inhibit-child.ts';
import { KdeLid } from './linux/kde-lid.ts';
import { Logind } from './linux/logind.ts';
import { observe } from './linux/observation.ts';
import { type Asker, noLogind, refusalOf } from './linux/refusal.ts';
import { surroundingsOf } from './linux/surroundings.ts';
import { Sysfs } from './linux/sysfs.ts';
import { readUpower } from './linux/upower.ts';
import { watchLinux } from './linux/watch.ts';
import { type Lock, NotHeld, type Platform, type PlatformEvents } from './platform.ts';

/** A desktop that does not answer by then must not keep logind's lock waiting. */
const JUDGE_LIMIT_MS = 300;
const SYSTEM_BUS = 'unix:path=/var/run/dbus/system_bus_socket';
/** What the tools need to find their bus and their parts; nothing else of ours reaches them. */
const CHILD_ENV = ['PATH', 'DBUS_SYSTEM_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'LANG'];

export interface LinuxDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly timers: Timers;
  readonly uid: number;
  /** Where /sys, /proc and /run are: `/`, or a test's own. */
  readonly root: string;
  readonly run: RunTool;
  readonly user: string;
}

export function systemLinux(): LinuxDeps {
  return {
    env: process.env,
    timers: systemTimers,
    uid: process.getuid?.() ?? -1,
    root: '/',
    run: runTool,
    user: userName(),
  };
}

/**
 * Linux. Locks of logind are children `systemd-inhibit`, of the desktop a number on the session's bus. Never
 * a block lock on `sleep`: the user's own Suspend has to work. Which of them counts depends on who acts:
 * `linux/effects.ts`.
 */
export function linuxPlatform(deps: LinuxDeps = systemLinux()): Platform {
  const { env, timers, root } = deps;
  const system = new DbusBus(env.DBUS_SYSTEM_BUS_ADDRESS ?? SYSTEM_BUS, 'The system bus', timers);
  const session = new DbusBus(sessionAddress(deps), "The session's bus", timers);
  const logind = new Logind(system);
  const sysfs = new Sysfs(root);
  const consent = new DesktopConsent(powerJournalFolder(env, 'linux'));
  const kde = new KdeLid({ env, refresh: async () => await refreshed(session) });
  const cinnamon = new CinnamonLid(deps.run, timers);
  const surroundings = surroundingsOf(env, root);
  const child = (what: string, mode: 'block' | 'delay'): InhibitChild =>
    new InhibitChild({
      what,
      mode,
      timers,
      env: Object.fromEntries(CHILD_ENV.map((name) => [name, env[name]])),
      refused: async (said) => await refusedBy(deps, logind, what, said),
    });
  const idle = child('idle', 'block');
  const lid = child('handle-lid-switch', 'block');
  const settling = { timers, settled: () => heard?.changed() };
  const sessionManager = new BusInhibit(session, SESSION_MANAGER, settling);
  const powerManagement = new BusInhibit(session, POWER_MANAGEMENT, settling);
  let heard: PlatformEvents | null = null;
  let lastJudge: IdleJudge = 'logind';

  const idleLocks = async (judge: IdleJudge): Promise<readonly Lock[]> => {
    if (judge === 'sessionManager') return [idle, sessionManager];
    if (judge === 'powerManagement') return [idle, powerManagement];
    if (judge === 'logind') return [idle];
    // PowerDevil takes logind's lock for "leave the screen on and unlocked" as well.
    const isSilent = await logind.manager().then(
      ({ IdleAction }) => IdleAction === 'ignore',
      () => false,
    );
    return isSilent ? [powerManagement] : [idle, powerManagement];
  };

  const sensors = async (): Promise<HolderSensors> => {
    const [upower, celsius, externalDisplay, lidClosed] = await Promise.all([
      readUpower(system).catch(() => null),
      sysfs.celsius(),
      sysfs.externalDisplay(),
      sysfs.lidClosed(),
    ]);
    return {
      battery: upower === null ? await sysfs.battery() : upower.battery,
      heat: celsius === null ? null : { celsius, level: null },
      lidClosed: upower?.lidClosed ?? lidClosed,
      externalDisplay,
    };
  };

  return {
    async idleLocks() {
      if (surroundings !== 'machine') return [];
      const before = lastJudge;
      let isLate = false;
      const asked = readIdleJudge(session)
        .catch((): IdleJudge => 'logind')
        .then((judge) => {
          lastJudge = judge;
          if (isLate && judge !== before) heard?.changed();
          return judge;
        });
      const judge = await within(timers, asked, JUDGE_LIMIT_MS);
      isLate = judge === null;
      return await idleLocks(judge ?? before);
    },
    lidLocks: async () => (surroundings === 'machine' ? [lid] : []),
    async lidSettings() {
      if (surroundings !== 'machine' || !consent.isGiven) return [];
      return (await session.hasOwner(POWERDEVIL.name)) ? await kde.settings() : [];
    },
    settingNamed: (id) => kde.named(id),
    async effects() {
      return effectsOf(
        await observe(
          { surroundings, logind, session, cinnamon, uid: deps.uid },
          {
            idlePid: idle.pid,
            lidPid: lid.pid,
            isDesktopAsked: sessionManager.isHeld || powerManagement.isHeld,
            isAskedJustNow: sessionManager.isFresh || powerManagement.isFresh,
            hasConsent: consent.isGiven,
          },
        ),
      );
    },
    sensors,
    watch(events) {
      heard = events;
      const stop = watchLinux({
        system,
        session,
        timers,
        isHolding: () =>
          idle.pid !== null || lid.pid !== null || sessionManager.isHeld || powerManagement.isHeld,
        sensors: oneAtATime(async () => events.sensors(await sensors())),
        changed: () => events.changed(),
        sleeping: () => events.sleeping(),
        woke: () => events.woke(),
      });
      return () => {
        heard = null;
        stop();
      };
    },
    delay: surroundings === 'machine' ? child('sleep', 'delay') : null,
    // GNOME and KDE lock the screen behind the lid, which turns it off; nothing else does it for all desktops.
    displayOff: async () => {},
    async sleepIfLidClosed() {
      // logind looks at a closed lid again after everything that happens (its button_recheck); KDE does not.
      if (surroundings !== 'machine') return;
      const { kdeLidAction } = await readDesktop(session);
      if (kdeLidAction !== KDE_SLEEP) return;
      const { lidClosed, externalDisplay } = await sensors();
      if (lidClosed === true && externalDisplay !== true) await logind.suspend();
    },
    async sleepNow() {
      if (surroundings !== 'machine') throw new Error(noLogind(surroundings, '').reason);
      try {
        await logind.suspend();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`This system was not put to sleep (${why}).`, { cause: error });
      }
    },
    async setUp(undo) {
      if (undo) {
        await consent.takeBack();
        return "Porchlight changes your desktop's lid setting no more.";
      }
      const hasKde = surroundings === 'machine' && (await session.hasOwner(POWERDEVIL.name));
      if (!hasKde)
        return 'Nothing has to be set up: no desktop that Porchlight can set runs here. What `porchlight power` says about the lid holds.';
      await consent.give();
      return 'Done: while work holds the lid, closing it locks the screen of KDE, and your own setting is put back after it. To undo it: porchlight power setup --undo';
    },
  };
}

/** PowerDevil's number for it. */
const KDE_SLEEP = 1;

/** The file is changed either way; PowerDevil reads it at the next change of power at the latest. */
async function refreshed(session: DbusBus): Promise<void> {
  await refreshPowerDevil(session).catch(() => {});
}

async function refusedBy(
  { env, root, uid, user }: LinuxDeps,
  logind: Logind,
  what: string,
  said: string,
): Promise<NotHeld> {
  const surroundings = surroundingsOf(env, root);
  try {
    const [session, sessions] = await Promise.all([
      logind.sessionOf(process.pid),
      logind.sessions(),
    ]);
    const isAtScreen = sessions.some(
      (one) => one.uid === uid && !one.Remote && one.State !== 'closing',
    );
    const asker: Asker = { surroundings, user, session, isAtScreen };
    const { reason, fix } = refusalOf(what, asker, said);
    return new NotHeld(reason, fix);
  } catch {
    const { reason, fix } = noLogind(surroundings, said);
    return new NotHeld(reason, fix);
  }
}

/** Who starts a host over SSH has no address in the environment, and the same bus. */
function sessionAddress({ env, uid }: LinuxDeps): string | null {
  const given = env.DBUS_SESSION_BUS_ADDRESS;
  if (given !== undefined && given !== '') return given;
  const runtime = env.XDG_RUNTIME_DIR ?? (uid >= 0 ? `/run/user/${uid}` : null);
  return runtime === null ? null : `unix:path=${join(runtime, 'bus')}`;
}

/** UPower tells of each battery by itself: a burst is one reading more. */
function oneAtATime(read: () => Promise<void>): () => void {
  let isReading = false;
  let isAskedAgain = false;
  const run = async (): Promise<void> => {
    isReading = true;
    try {
      do {
        isAskedAgain = false;
        await read();
      } while (isAskedAgain);
    } finally {
      isReading = false;
    }
  };
  return () => {
    if (isReading) isAskedAgain = true;
    else void run();
  };
}

async function within<T>(timers: Timers, promise: Promise<T>, limitMs: number): Promise<T | null> {
  return await new Promise((resolve) => {
    const stop = timers.after(limitMs, () => resolve(null));
    promise
      .then(
        (value) => resolve(value),
        () => resolve(null),
      )
      .finally(stop);
  });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `number ${process.getuid?.() ?? '?'}`;
  }
}
