import { z } from 'zod';
import { type Bus, BusFailure, type BusObject } from './bus.ts';

export const LOGIND = {
  name: 'org.freedesktop.login1',
  path: '/org/freedesktop/login1',
  iface: 'org.freedesktop.login1.Manager',
} as const satisfies BusObject;

/** elogind has the same name and methods. */
const inhibitorSchema = z
  .tuple([z.string(), z.string(), z.string(), z.string(), z.number(), z.number()])
  .transform(([what, who, why, mode, uid, pid]) => ({
    what: what.split(':'),
    who,
    why,
    mode,
    uid,
    pid,
  }));
export type LogindInhibitor = z.infer<typeof inhibitorSchema>;

const action = z.string().catch('');
const managerSchema = z.object({
  HandleLidSwitch: action,
  /** Empty: as `HandleLidSwitch`. */
  HandleLidSwitchExternalPower: action,
  HandleLidSwitchDocked: action,
  IdleAction: action,
  LidClosed: z.boolean().nullable().catch(null),
  Docked: z.boolean().nullable().catch(null),
});
export type LogindManager = z.infer<typeof managerSchema>;

const sessionSchema = z.object({
  Active: z.boolean().catch(false),
  Remote: z.boolean().catch(false),
  /** `user`, `greeter`, `lock-screen`, `background`. */
  Class: z.string().catch(''),
  /** `tty`, `x11`, `wayland`, `mir`, `web`, `unspecified`. */
  Type: z.string().catch(''),
  /** `online`, `active`, `closing`. */
  State: z.string().catch(''),
  /** PAM's: `sshd`, `gdm-launch-environment`. */
  Service: z.string().catch(''),
});
export type LogindSession = z.infer<typeof sessionSchema>;

const NO_SESSION = 'org.freedesktop.login1.NoSessionForPID';

/** What systemd's login daemon says; throws {@link BusFailure} where it cannot be asked. */
export class Logind {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async manager(): Promise<LogindManager> {
    return managerSchema.parse(await this.#bus.properties(LOGIND));
  }

  async inhibitors(): Promise<readonly LogindInhibitor[]> {
    const [rows] = await this.#bus.call(LOGIND, 'ListInhibitors');
    // One that reads oddly is not ours, and not a reason to be blind to ours.
    return z
      .array(z.unknown())
      .parse(rows)
      .flatMap((row) => {
        const parsed = inhibitorSchema.safeParse(row);
        return parsed.success ? [parsed.data] : [];
      });
  }

  /** null: the process belongs to no session, as with services of the user. */
  async sessionOf(pid: number): Promise<LogindSession | null> {
    try {
      const [path] = await this.#bus.call(LOGIND, 'GetSessionByPID', 'u', [pid]);
      return await this.#session(z.string().parse(path));
    } catch (error) {
      if (error instanceof BusFailure && error.code === NO_SESSION) return null;
      throw error;
    }
  }

  /** All of everybody; those that end meanwhile are left out. */
  async sessions(): Promise<readonly (LogindSession & { readonly uid: number })[]> {
    const [rows] = await this.#bus.call(LOGIND, 'ListSessions');
    const listed = z
      .array(z.tuple([z.string(), z.number(), z.string(), z.string(), z.string()]))
      .parse(rows);
    const found = await Promise.all(
      listed.map(async ([, uid, , , path]) => {
        try {
          return [{ uid, ...(await this.#session(path)) }];
        } catch (error) {
          if (error instanceof BusFailure && error.code !== null) return [];
          throw error;
        }
      }),
    );
    return found.flat();
  }

  /** `yes`, `no`, `challenge`, `na`. */
  async canSuspend(): Promise<string> {
    const [answer] = await this.#bus.call(LOGIND, 'CanSuspend');
    return z.string().catch('').parse(answer);
  }

  /** Without asking anybody for a password. */
  async suspend(): Promise<void> {
    await this.#bus.call(LOGIND, 'Suspend', 'b', [false]);
  }

  async #session(path: string): Promise<LogindSession> {
    return sessionSchema.parse(
      await this.#bus.properties({
        name: LOGIND.name,
        path,
        iface: 'org.freedesktop.login1.Session',
      }),
    );
  }
}
