import { readFile } from 'node:fs/promises';
import type { RunTool } from '../../local/run-tool.ts';
import { type Bus, BusFailure } from './bus.ts';
import { type Desktop, readDesktop } from './desktop.ts';
import type { Circumstances, LogindView } from './effects.ts';
import type { Logind } from './logind.ts';
import type { Surroundings } from './surroundings.ts';

/** PowerDevil waits this long before it takes a request up, and so do we before we complain. */
const POWERDEVIL_WAIT_MS = 6_000;
const CINNAMON_SCHEMA = 'org.cinnamon.settings-daemon.plugins.power';

export interface ObservationDeps {
  readonly surroundings: Surroundings;
  readonly logind: Logind;
  readonly session: Bus;
  readonly run: RunTool;
  readonly uid: number;
}

/** What of ours is held, as far as we know. */
export interface Ours {
  readonly idlePid: number | null;
  readonly lidPid: number | null;
  /** How long the desktop has been asked; null: it is not. */
  readonly askedForMs: number | null;
  readonly hasConsent: boolean;
}

/** Asks the system all that decides whether it stays awake. What cannot be asked is said to be so. */
export async function observe(deps: ObservationDeps, ours: Ours): Promise<Circumstances> {
  const { surroundings, logind, session } = deps;
  const [logindView, desktop] =
    surroundings === 'machine'
      ? await Promise.all([viewOf(logind, deps.uid), desktopOf(session)])
      : [{ unreachable: surroundings }, null];
  const { idlePid, lidPid, askedForMs, hasConsent } = ours;
  return {
    surroundings,
    logind: logindView,
    desktop,
    idlePid,
    lidPid,
    isDesktopAsked: askedForMs !== null,
    isAskedJustNow: askedForMs !== null && askedForMs < POWERDEVIL_WAIT_MS,
    cinnamonLidActions: desktop?.hasCinnamon === true ? await cinnamonLidActions(deps.run) : null,
    hasConsent,
  };
}

async function viewOf(
  logind: Logind,
  uid: number,
): Promise<LogindView | { readonly unreachable: string }> {
  try {
    const [manager, listed, session, sessions] = await Promise.all([
      logind.manager(),
      logind.inhibitors(),
      orElse(logind.sessionOf(process.pid), null),
      orElse(logind.sessions(), []),
    ]);
    const inhibitors = await Promise.all(
      listed.map(async (inhibitor) => ({ ...inhibitor, comm: await commOf(inhibitor.pid) })),
    );
    return {
      manager,
      inhibitors,
      session,
      showsGdm: sessions.some(
        ({ Class, Active, Service }) => Active && Class === 'greeter' && Service.startsWith('gdm'),
      ),
      hasDesktop: sessions.some(
        (one) => one.uid === uid && ['x11', 'wayland', 'mir'].includes(one.Type) && !one.Remote,
      ),
    };
  } catch (error) {
    return { unreachable: error instanceof Error ? error.message : String(error) };
  }
}

/** A logind that does not know the question, as older ones, has no answer that would change anything. */
async function orElse<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof BusFailure && error.code !== null) return otherwise;
    throw error;
  }
}

async function desktopOf(session: Bus): Promise<Desktop | null> {
  try {
    return await readDesktop(session);
  } catch {
    return null;
  }
}

/** On mains and on battery; empty where it cannot be asked. */
async function cinnamonLidActions(run: RunTool): Promise<readonly string[]> {
  try {
    const said = await Promise.all(
      ['lid-close-ac-action', 'lid-close-battery-action'].map(
        async (key) => await run('gsettings', ['get', CINNAMON_SCHEMA, key]),
      ),
    );
    return said.map((words) => words.trim().replaceAll("'", ''));
  } catch {
    return [];
  }
}

/** The kernel's name of a program: its first 15 bytes. */
async function commOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
  } catch {
    return '';
  }
}
