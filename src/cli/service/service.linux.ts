import { existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemdUnits } from '../../local/service-place.ts';
import type { ProgramRun } from '../doctor/run-program.ts';
import { CliFailure } from '../failure.ts';
import { oneLine } from '../output/text.ts';
import { readText, TOOL_LIMIT_MS } from './service-tools.ts';
import type { Service, ServicePlan, ServiceWorld } from './service.ts';
import { systemdUnit } from './systemd-unit.ts';

/** Folders of systemd, to be elsewhere in tests. */
export interface SystemdFolders {
  readonly booted: string;
  readonly runtime: string;
  readonly linger: string;
}

const FOLDERS: SystemdFolders = {
  booted: '/run/systemd/system',
  runtime: '/run/user',
  linger: '/var/lib/systemd/linger',
};

/** A unit of the user's own systemd; with linger it starts at boot and outlives the last logout. */
export function systemdService(
  plan: ServicePlan,
  world: ServiceWorld,
  folders: SystemdFolders = FOLDERS,
): Service {
  const { uid, userName } = world;
  const unit = `${plan.name}.service`;
  const units = systemdUnits(world);
  const file = join(units, unit);
  const link = join(units, 'default.target.wants', unit);
  const env = withRuntime(world, folders);
  const ask = async (command: string, ...args: string[]): Promise<ProgramRun> =>
    await world.run(command, args, { limitMs: TOOL_LIMIT_MS, env: { ...env, LC_ALL: 'C' } });
  const systemctl = async (...args: string[]): Promise<void> => {
    const done = await ask('systemctl', '--user', ...args);
    if (done.code !== 0) throw refused(`systemctl --user ${args.join(' ')}`, done, world, folders);
  };
  const lingers = async (): Promise<boolean> => {
    const shown = await ask('loginctl', 'show-user', String(uid), '--property=Linger', '--value');
    // A user that is not logged in cannot be shown; the file is what logind itself reads.
    return shown.code === 0
      ? shown.stdout.trim() === 'yes'
      : existsSync(join(folders.linger, userName));
  };
  return {
    async install() {
      if (!existsSync(folders.booted)) throw noSystemd();
      // Before anything is written: an answer means that a manager runs for this user.
      await systemctl('show-environment');
      mkdirSync(units, { recursive: true });
      const text = systemdUnit(plan);
      if (readText(file) !== text) writeFileSync(file, text, { mode: 0o644 });
      await systemctl('daemon-reload');
      await systemctl('enable', unit);
      // One that finds a keeper at work leaves again, and one that runs already is not disturbed.
      await systemctl('start', unit);
      if (!(await lingers())) await ask('loginctl', '--no-ask-password', 'enable-linger');
    },

    async remove() {
      if (!existsSync(file) && !isLink(link)) return;
      // Without a manager the files are all there is.
      const manager = await ask('systemctl', '--user', 'disable', unit);
      rmSync(link, { force: true });
      rmSync(file, { force: true });
      if (manager.code === 0) await ask('systemctl', '--user', 'daemon-reload');
    },

    async status() {
      const text = readText(file);
      const enabled = text !== null && isLink(link);
      const remarks: string[] = [];
      if (enabled && !(await lingers()))
        remarks.push(
          `It starts when you log in and ends when you have logged out everywhere. To have it from boot on, and always: sudo loginctl enable-linger ${userName}`,
        );
      return {
        installed: text !== null,
        enabled,
        kind: 'systemd',
        current: text === systemdUnit(plan),
        remarks,
      };
    },
  };
}

/** A shell that came by `su` or from cron lacks the variable, though the manager may well run. */
function withRuntime({ env, uid }: ServiceWorld, folders: SystemdFolders): NodeJS.ProcessEnv {
  if (env.XDG_RUNTIME_DIR !== undefined && env.XDG_RUNTIME_DIR !== '') return env;
  const folder = join(folders.runtime, String(uid));
  return existsSync(folder) ? { ...env, XDG_RUNTIME_DIR: folder } : env;
}

function noSystemd(): CliFailure {
  return new CliFailure(
    'This system was not started by systemd (a container, or another init), so there is nothing to install into. Have whatever starts it run: porchlight host run',
  );
}

const NO_BUS = /failed to connect to (?:\S+ )*bus|no medium found|XDG_RUNTIME_DIR/iu;

function refused(
  what: string,
  done: ProgramRun,
  { userName }: ServiceWorld,
  folders: SystemdFolders,
): CliFailure {
  if (done.problem === 'missing')
    return existsSync(folders.booted)
      ? new CliFailure('systemctl is not on PATH: install systemd, or correct PATH.')
      : noSystemd();
  if (NO_BUS.test(done.stderr))
    return new CliFailure(
      `No systemd of yours runs, since ${userName} is not logged in by itself (su and sudo do not count). Log in on a desktop or by ssh, or run "sudo loginctl enable-linger ${userName}"; then again: porchlight service install`,
    );
  const why = done.problem === 'slow' ? 'it did not answer' : oneLine(done.stderr || done.stdout);
  return new CliFailure(`${what} failed: ${why}. See: systemctl --user status, journalctl --user`);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
