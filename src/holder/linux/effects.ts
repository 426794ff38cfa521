import type { HolderEffect, HolderEffects } from '../../protocol/holder.ts';
import type { Desktop, IdleJudge } from './desktop.ts';
import type { LogindInhibitor, LogindManager, LogindSession } from './logind.ts';
import { noLogind } from './refusal.ts';
import type { Surroundings } from './surroundings.ts';

const LID = 'handle-lid-switch';
/** PowerDevil's: nothing, lock the screen, turn it off, toggle it. The rest sleeps or shuts down. */
export const KDE_STAYS_AWAKE: ReadonlySet<number> = new Set([0, 32, 64, 128]);
/** XFCE's: screen off, lock, nothing. */
const XFCE_STAYS_AWAKE: ReadonlySet<number | null> = new Set<number | null>([0, 3, 4]);
/** Cinnamon's. */
const CINNAMON_STAYS_AWAKE: ReadonlySet<string> = new Set(['nothing', 'blank']);
/** logind's own. */
const LOGIND_STAYS_AWAKE: ReadonlySet<string> = new Set(['ignore', 'lock']);
/** Who holds the lid only so that nothing happens; GNOME does while displays settle. */
const HOLD_IT_STILL: ReadonlySet<string> = new Set([
  'systemd-inhibit',
  'elogind-inhibit',
  'gsd-power',
]);

const CINNAMON_FIX =
  'Set "When the lid is closed" to "Do nothing" in Cinnamon\'s Power Management, on mains and on battery.';

/** All that was asked of the system, and what is held. */
export interface Circumstances {
  readonly surroundings: Surroundings;
  readonly logind: LogindView | { readonly unreachable: string };
  /** null: the bus of the session cannot be asked. */
  readonly desktop: Desktop | null;
  /** Processes that hold our locks; null: not held. */
  readonly idlePid: number | null;
  readonly lidPid: number | null;
  /** The desktop has given us a number for our request, and not taken it back. */
  readonly isDesktopAsked: boolean;
  /** PowerDevil takes a request up after 5 s: it was asked less than that ago. */
  readonly isAskedJustNow: boolean;
  /** What Cinnamon does when the lid closes, in its own words; null: it is not there. */
  readonly cinnamonLidActions: readonly string[] | null;
  /** The person let Porchlight change what KDE does about the lid. */
  readonly hasConsent: boolean;
}

export interface LogindView {
  readonly manager: LogindManager;
  readonly inhibitors: readonly (LogindInhibitor & { readonly comm: string })[];
  /** Of this process; null: none. */
  readonly session: LogindSession | null;
  /** GNOME's login screen is what is shown. */
  readonly showsGdm: boolean;
  /** The user has a desktop running at the screen. */
  readonly hasDesktop: boolean;
}

/** What is in effect, by what the system says; a lock that is only listed is not. */
export function effectsOf(at: Circumstances): HolderEffects {
  const hasKde = at.desktop?.hasPowerDevil === true && at.surroundings === 'machine';
  const setUp = hasKde || at.hasConsent ? (at.hasConsent ? 'done' : 'needed') : null;
  return { idle: idleEffect(at), lid: { ...lidEffect(at), setUp } };
}

function idleEffect(at: Circumstances): HolderEffect {
  const elsewhere = notAMachine(at);
  if (elsewhere !== null) return elsewhere;
  const { logind, desktop } = at;
  const judge = desktop?.idleJudge ?? 'logind';
  if ('unreachable' in logind) {
    if (judge === 'logind') return unreachable(logind);
  } else {
    if (logind.showsGdm)
      return no(
        'The login screen is shown, and GNOME puts the machine to sleep from there after a while.',
        'Log in at the screen, or turn off automatic suspend for the login screen.',
      );
    const isListed = lists(logind, 'idle', at.idlePid);
    if (judge === 'logind') return idleByLogind(logind, desktop, isListed);
    if (judge === 'powerDevil' && isListed) return yes();
    if (!isListed && !LOGIND_STAYS_AWAKE.has(logind.manager.IdleAction))
      return no('The lock of systemd-logind against idle sleep is not held.');
  }
  return idleByDesktop(at, judge, desktop?.isInhibited === true);
}

function idleByLogind(
  logind: LogindView,
  desktop: Desktop | null,
  isListed: boolean,
): HolderEffect {
  if (!isListed) return no('The lock of systemd-logind against idle sleep is not held.');
  if (!logind.hasDesktop) return yes();
  if (desktop === null)
    return {
      effective: null,
      reason: 'Porchlight cannot reach the desktop, which puts the machine to sleep by itself.',
      fix: 'Start Porchlight from the desktop of this machine.',
    };
  return yes('Programs that suspend without asking systemd-logind, such as swayidle, still can.');
}

function idleByDesktop(at: Circumstances, judge: IdleJudge, isInhibited: boolean): HolderEffect {
  const who = judge === 'powerDevil' ? 'KDE' : 'The desktop';
  if (!at.isDesktopAsked) return no(`${who} is not asked to stay awake.`);
  if (isInhibited) return yes();
  if (judge === 'powerDevil' && at.isAskedJustNow)
    return { effective: null, reason: 'KDE takes it up after 5 seconds.', fix: null };
  return no(
    `${who} was asked to stay awake and does not.`,
    judge === 'powerDevil'
      ? 'See whether Porchlight is blocked under "Manually block" in KDE\'s Power Management.'
      : null,
  );
}

function lidEffect(at: Circumstances): HolderEffect {
  const elsewhere = notAMachine(at);
  if (elsewhere !== null) return elsewhere;
  const { logind } = at;
  if ('unreachable' in logind) return unreachable(logind);
  const desktop = lidByDesktop(at, logind);
  if (desktop !== null) return desktop;
  if (neverSleepsByLid(logind.manager)) return yes();
  if (!lists(logind, LID, at.lidPid)) return no('The lock on the lid is not held.');
  // systemd's logind-inhibit.c: what comes from a session in the background does not count for the lid.
  if (logind.session !== null && !logind.session.Active)
    return no(
      'Porchlight was started in a session that is not at the screen now, so systemd ignores its lock on the lid.',
      'Switch back to that session, or start Porchlight from the one at the screen.',
    );
  return yes();
}

/** null: no desktop has the lid to itself. */
function lidByDesktop(at: Circumstances, logind: LogindView): HolderEffect | null {
  const { desktop, lidPid } = at;
  if (desktop?.hasPowerDevil === true) return lidByKde(at, desktop.kdeLidAction);
  if (at.cinnamonLidActions !== null) return lidByCinnamon(at.cinnamonLidActions);
  const others = logind.inhibitors.filter(
    ({ what, mode, pid, comm }) =>
      what.includes(LID) && mode !== 'delay' && pid !== lidPid && !HOLD_IT_STILL.has(comm),
  );
  for (const { who, comm } of others) {
    if (who === 'xfce4-power-manager' || comm.startsWith('xfce4-power')) {
      const actions = desktop?.xfceLidActions ?? [];
      if (actions.length > 0 && actions.every((action) => XFCE_STAYS_AWAKE.has(action))) continue;
      return no(
        "XFCE's power manager acts on the lid itself.",
        'Leave the lid to systemd: xfconf-query -c xfce4-power-manager -p /xfce4-power-manager/logind-handle-lid-switch -n -t bool -s true',
      );
    }
    return {
      effective: null,
      reason: `"${visible(who)}" acts on the lid itself, and nobody can say what it does.`,
      fix: 'Have the desktop do nothing when the lid is closed, or leave the lid to systemd.',
    };
  }
  return null;
}

function lidByKde(at: Circumstances, action: number | null): HolderEffect {
  if (action !== null && KDE_STAYS_AWAKE.has(action)) return yes();
  if (action === null)
    return {
      effective: null,
      reason: 'KDE acts on the lid itself, and does not say what it does.',
      fix: 'Set "When laptop lid closed" to "Lock screen" in KDE\'s Power Management.',
    };
  return at.hasConsent
    ? no('KDE acts on the lid itself, and is still set to sleep or shut down.')
    : no(
        'KDE acts on the lid itself, and is set to sleep or shut down.',
        'Run "porchlight power setup", which lets Porchlight change that while it is needed, or set "When laptop lid closed" to "Lock screen" in KDE\'s Power Management.',
      );
}

/** null: it leaves the machine awake, so that logind is asked. */
function lidByCinnamon(actions: readonly string[]): HolderEffect | null {
  if (actions.length === 0)
    return {
      effective: null,
      reason: 'Cinnamon acts on the lid itself, and gsettings does not say what it does.',
      fix: CINNAMON_FIX,
    };
  return actions.every((action) => CINNAMON_STAYS_AWAKE.has(action))
    ? null
    : no('Cinnamon acts on the lid itself, and is set to sleep or shut down.', CINNAMON_FIX);
}

function neverSleepsByLid(manager: LogindManager): boolean {
  const { HandleLidSwitch, HandleLidSwitchExternalPower, HandleLidSwitchDocked } = manager;
  return [
    HandleLidSwitch,
    HandleLidSwitchExternalPower === '' ? HandleLidSwitch : HandleLidSwitchExternalPower,
    HandleLidSwitchDocked,
  ].every((action) => LOGIND_STAYS_AWAKE.has(action));
}

function lists(logind: LogindView, what: string, pid: number | null): boolean {
  return (
    pid !== null &&
    logind.inhibitors.some(
      (inhibitor) =>
        inhibitor.pid === pid && inhibitor.mode === 'block' && inhibitor.what.includes(what),
    )
  );
}

function notAMachine({ surroundings }: Circumstances): HolderEffect | null {
  if (surroundings === 'machine') return null;
  return { effective: false, ...noLogind(surroundings, '') };
}

function unreachable({ unreachable: why }: { readonly unreachable: string }): HolderEffect {
  return { effective: null, ...noLogind('machine', why) };
}

function yes(bound: string | null = null): HolderEffect {
  return { effective: true, reason: bound, fix: null };
}

function no(reason: string, fix: string | null = null): HolderEffect {
  return { effective: false, reason, fix };
}

/** Of another program's making. */
function visible(words: string): string {
  return words.replace(/[^\p{L}\p{N} ._-]/gu, '').slice(0, 60);
}
