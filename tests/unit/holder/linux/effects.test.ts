import { describe, expect, test } from 'vitest';
import type { Desktop } from '../../../../src/holder/linux/desktop.ts';
import {
  type Circumstances,
  effectsOf,
  type LogindView,
} from '../../../../src/holder/linux/effects.ts';

const IDLE_PID = 100;
const LID_PID = 101;

type Inhibitor = LogindView['inhibitors'][number];

const inhibitor = (what: string, pid: number, more: Partial<Inhibitor> = {}): Inhibitor => ({
  what: what.split(':'),
  who: 'Porchlight',
  why: '1 session is working',
  mode: 'block',
  uid: 1000,
  pid,
  comm: 'systemd-inhibit',
  ...more,
});
const OURS = [inhibitor('idle', IDLE_PID), inhibitor('handle-lid-switch', LID_PID)];

const MANAGER: LogindView['manager'] = {
  HandleLidSwitch: 'suspend',
  HandleLidSwitchExternalPower: '',
  HandleLidSwitchDocked: 'ignore',
  IdleAction: 'ignore',
  LidClosed: false,
  Docked: false,
};
const LOGIND: LogindView = {
  manager: MANAGER,
  inhibitors: OURS,
  session: null,
  showsGdm: false,
  hasDesktop: false,
};
const SESSION = {
  Active: true,
  Remote: false,
  Class: 'user',
  Type: 'x11',
  State: 'active',
  Service: 'lightdm',
};
const NO_DESKTOP: Desktop = {
  idleJudge: 'logind',
  isInhibited: false,
  kdeLidAction: null,
  hasPowerDevil: false,
  xfceLidActions: [],
  hasCinnamon: false,
};
const GNOME: Desktop = { ...NO_DESKTOP, idleJudge: 'sessionManager', isInhibited: true };
const KDE: Desktop = {
  ...NO_DESKTOP,
  idleJudge: 'powerDevil',
  isInhibited: true,
  hasPowerDevil: true,
  kdeLidAction: 1,
};
const XFCE: Desktop = { ...NO_DESKTOP, idleJudge: 'powerManagement', isInhibited: true };

/** All held on a machine without a desktop, but for what is given. */
function at(more: Partial<Circumstances> = {}, logind: Partial<LogindView> = {}): Circumstances {
  return {
    surroundings: 'machine',
    logind: { ...LOGIND, ...logind },
    desktop: NO_DESKTOP,
    idlePid: IDLE_PID,
    lidPid: LID_PID,
    isDesktopAsked: true,
    isAskedJustNow: false,
    cinnamonLidActions: null,
    hasConsent: false,
    ...more,
  };
}

const idle = (circumstances: Circumstances): unknown => effectsOf(circumstances).idle.effective;
const lid = (circumstances: Circumstances): unknown => effectsOf(circumstances).lid.effective;
const manager = (more: Partial<LogindView['manager']>): Partial<LogindView> => ({
  manager: { ...MANAGER, ...more },
});

describe('idle sleep is held off', () => {
  test.each([
    ['by logind where there is no desktop', true, at()],
    ['not when our lock is not in the list', false, at({ idlePid: null })],
    ['not by the lock of another program', false, at({ idlePid: 999 })],
    [
      'not by a delay',
      false,
      at({}, { inhibitors: [inhibitor('idle', IDLE_PID, { mode: 'delay' })] }),
    ],
    ['by the session manager on GNOME', true, at({ desktop: GNOME })],
    [
      'on GNOME not by logind alone',
      false,
      at({ desktop: { ...GNOME, isInhibited: false }, isDesktopAsked: false }),
    ],
    [
      'on GNOME not by what was only asked for',
      false,
      at({ desktop: { ...GNOME, isInhibited: false } }),
    ],
    [
      "on GNOME not by another program's request alone",
      false,
      at({ desktop: GNOME, isDesktopAsked: false }),
    ],
    ["by KDE's own means, without logind", true, at({ desktop: KDE, idlePid: null })],
    [
      'on KDE by logind as well',
      true,
      at({ desktop: { ...KDE, isInhibited: false }, isDesktopAsked: false }),
    ],
    [
      'nobody knows, for the 5 s that KDE waits',
      null,
      at({ desktop: { ...KDE, isInhibited: false }, idlePid: null, isAskedJustNow: true }),
    ],
    [
      'not when KDE was told to block us',
      false,
      at({ desktop: { ...KDE, isInhibited: false }, idlePid: null }),
    ],
    ["by Xfce's power manager", true, at({ desktop: XFCE })],
    [
      'not by the desktop alone where logind acts too',
      false,
      at({ desktop: XFCE, idlePid: null }, manager({ IdleAction: 'suspend' })),
    ],
    ["not at GNOME's login screen", false, at({}, { showsGdm: true })],
    [
      'nobody knows, where a desktop runs whose bus is out of reach',
      null,
      at({ desktop: null }, { hasDesktop: true }),
    ],
    ['by logind, where there is no bus of a session', true, at({ desktop: null })],
    ['nobody knows, without logind', null, at({ logind: { unreachable: 'no bus' } })],
    [
      'by the desktop, without logind',
      true,
      at({ desktop: XFCE, logind: { unreachable: 'no bus' } }),
    ],
    ['not in WSL', false, at({ surroundings: 'wsl', logind: { unreachable: 'wsl' } })],
    ['not in a container', false, at({ surroundings: 'container' })],
  ])('%s', (_name, effective, circumstances) => {
    expect(idle(circumstances)).toBe(effective);
  });
});

describe('the lid is held', () => {
  const other = (who: string, comm: string, mode: Inhibitor['mode'] = 'block'): LogindView => ({
    ...LOGIND,
    inhibitors: [...OURS, inhibitor('handle-power-key:handle-lid-switch', 7, { who, comm, mode })],
  });
  test.each([
    ['by logind where there is no desktop', true, at()],
    ['by logind on GNOME', true, at({ desktop: GNOME })],
    ['not when our lock is not in the list', false, at({ lidPid: null })],
    ['not by the lock on idleness', false, at({ lidPid: IDLE_PID })],
    [
      'not from a session that is in the background',
      false,
      at({}, { session: { ...SESSION, Active: false } }),
    ],
    ['from the session at the screen', true, at({}, { session: SESSION })],
    [
      'without a lock where the lid does nothing anyway',
      true,
      at({ lidPid: null }, manager({ HandleLidSwitch: 'lock' })),
    ],
    [
      'not without a lock where it does nothing only on mains',
      false,
      at({ lidPid: null }, manager({ HandleLidSwitchExternalPower: 'ignore' })),
    ],
    [
      'not without a lock where it sleeps only on mains',
      false,
      at(
        { lidPid: null },
        manager({ HandleLidSwitch: 'ignore', HandleLidSwitchExternalPower: 'suspend' }),
      ),
    ],
    ['not on KDE, which acts by itself', false, at({ desktop: KDE })],
    ['on KDE that locks the screen', true, at({ desktop: { ...KDE, kdeLidAction: 32 } })],
    ['on KDE that does nothing', true, at({ desktop: { ...KDE, kdeLidAction: 0 } })],
    ['not on KDE that shuts down', false, at({ desktop: { ...KDE, kdeLidAction: 8 } })],
    [
      'nobody knows, on KDE that does not say',
      null,
      at({ desktop: { ...KDE, kdeLidAction: null } }),
    ],
    [
      'while GNOME holds it as displays settle',
      true,
      at({ desktop: GNOME, logind: other('anna', 'gsd-power') }),
    ],
    [
      'beside another program that holds it still',
      true,
      at({ logind: other('Caffeine', 'systemd-inhibit') }),
    ],
    [
      'beside a program that delays it',
      true,
      at({ logind: other('mate', 'mate-power-mana', 'delay') }),
    ],
    [
      'not on Xfce, whose power manager acts by itself',
      false,
      at({
        desktop: { ...XFCE, xfceLidActions: [3, 1] },
        logind: other('xfce4-power-manager', 'xfce4-power-man'),
      }),
    ],
    [
      'not on Xfce that does not say',
      false,
      at({
        desktop: { ...XFCE, xfceLidActions: [3, null] },
        logind: other('xfce4-power-manager', 'xfce4-power-man'),
      }),
    ],
    [
      'on Xfce that only locks',
      true,
      at({
        desktop: { ...XFCE, xfceLidActions: [3, 4] },
        logind: other('xfce4-power-manager', 'xfce4-power-man'),
      }),
    ],
    [
      'nobody knows, when a program has it that cannot be asked',
      null,
      at({ logind: other('MATE', 'mate-power-mana') }),
    ],
    ['not on Cinnamon', false, at({ cinnamonLidActions: ['suspend', 'suspend'] })],
    [
      'not on Cinnamon that sleeps on battery',
      false,
      at({ cinnamonLidActions: ['blank', 'suspend'] }),
    ],
    ['on Cinnamon that does nothing', true, at({ cinnamonLidActions: ['nothing', 'blank'] })],
    ['nobody knows, on Cinnamon that cannot be asked', null, at({ cinnamonLidActions: [] })],
    ['nobody knows, without logind', null, at({ logind: { unreachable: 'no bus' } })],
    ['not in WSL', false, at({ surroundings: 'wsl' })],
  ])('%s', (_name, effective, circumstances) => {
    expect(lid(circumstances)).toBe(effective);
  });

  test('says what KDE needs once, and that it was given', () => {
    const of = (hasConsent: boolean, action: number): unknown =>
      effectsOf(at({ desktop: { ...KDE, kdeLidAction: action }, hasConsent })).lid.setUp;
    expect([of(false, 1), of(true, 1), of(true, 32), effectsOf(at()).lid.setUp]).toEqual([
      'needed',
      'done',
      'done',
      null,
    ]);
  });

  test('shows of a name that another program gave itself only letters', () => {
    const { reason } = effectsOf(at({ logind: other('\u001b[31mx"\u202e', 'y') })).lid;
    expect(reason).toBe('"31mx" acts on the lid itself, and nobody can say what it does.');
  });
});

test('what is not in effect always says why', () => {
  const all = [
    at({ idlePid: null, lidPid: null }),
    at({ desktop: KDE, isDesktopAsked: false, idlePid: null }),
    at({ logind: { unreachable: 'x' } }),
    at({ surroundings: 'container' }),
    at({}, { session: { ...SESSION, Active: false }, showsGdm: true }),
  ].map(effectsOf);
  for (const { idle: idleSleep, lid: byLid } of all)
    for (const { effective, reason } of [idleSleep, byLid])
      expect(effective === true || (reason !== null && reason.length > 10)).toBe(true);
});
