import { readFile } from 'node:fs/promises';
import { type Bus, BusFailure } from './bus.ts';
import type { CinnamonLid } from './cinnamon-lid.ts';
import { type Desktop, readDesktop } from './desktop.ts';
import type { Circumstances, LogindView } from './effects.ts';
import type { Logind } from './logind.ts';
import type { Surroundings } from './surroundings.ts';

export interface ObservationDeps {
  readonly surroundings: Surroundings;
  readonly logind: Logind;
  readonly session: Bus;
  readonly cinnamon: CinnamonLid;
  readonly uid: number;
}

/** What of ours is held, as far as we know. */
export type Ours = Pick<
  Circumstances,
  'idlePid' | 'lidPid' | 'isDesktopAsked' | 'isAskedJustNow' | 'hasConsent'
>;

/** Asks the system all that decides whether it stays awake. What cannot be asked is said to be so. */
export async function observe(deps: ObservationDeps, ours: Ours): Promise<Circumstances> {
  const { surroundings, logind, session } = deps;
  const [logindView, desktop] =
    surroundings === 'machine'
      ? await Promise.all([viewOf(logind, deps.uid), desktopOf(session)])
      : [{ unreachable: surroundings }, null];
  return {
    surroundings,
    logind: logindView,
    desktop,
    cinnamonLidActions: desktop?.hasCinnamon === true ? await deps.cinnamon.lidActions() : null,
    ...ours,
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

/** The kernel's name of a program: its first 15 bytes. */
async function commOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
  } catch {
    return '';
  }
}
