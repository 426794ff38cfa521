import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProgramRun } from '../doctor/run-program.ts';
import { launchdLabel, launchdPlistFile } from '../../local/service-place.ts';
import { CliFailure } from '../failure.ts';
import { oneLine } from '../output/text.ts';
import { launchdPlist } from './launchd-plist.ts';
import { readText, TOOL_LIMIT_MS } from './service-tools.ts';
import type { Service, ServicePlan, ServiceWorld } from './service.ts';

/** After a bootout launchd needs a moment, in which a bootstrap fails with 5 or 37. */
const BOOTSTRAP_TRIES = 5;
const BOOTSTRAP_PAUSE_MS = 300;

/** An agent of launchd, in the user's graphical session. */
export function launchdService(
  plan: ServicePlan,
  world: ServiceWorld,
  pauseMs = BOOTSTRAP_PAUSE_MS,
): Service {
  const label = launchdLabel(plan.name);
  const file = launchdPlistFile(plan.name, world.userFolder);
  const domain = `gui/${world.uid}`;
  const target = `${domain}/${label}`;
  const launchctl = async (...args: string[]): Promise<ProgramRun> =>
    await world.run('launchctl', args, { limitMs: TOOL_LIMIT_MS });
  const load = async (): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      const done = await launchctl('bootstrap', domain, file);
      if (done.code === 0) return;
      if (tries === BOOTSTRAP_TRIES)
        throw new CliFailure(
          `launchctl bootstrap ${domain} failed: ${oneLine(done.stderr || `exit code ${done.code}`)}. Log out and in again; it starts then.`,
        );
      await delay(pauseMs);
    }
  };
  return {
    async install() {
      if ((await launchctl('print', domain)).code !== 0)
        throw new CliFailure(
          `You are not logged in at the screen of this Mac, and launchd keeps agents only there. Log in once, or share its screen, and run again: porchlight service install`,
        );
      mkdirSync(dirname(file), { recursive: true });
      const text = launchdPlist(label, plan);
      const changed = readText(file) !== text;
      if (changed) writeFileSync(file, text, { mode: 0o644 });
      await launchctl('enable', target);
      const loaded = await launchctl('print', target);
      if (loaded.code !== 0) return await load();
      // Unloading would end a keeper that runs, and its agents: the new file counts from next login.
      if (!changed || isRunning(loaded.stdout)) return;
      await launchctl('bootout', target);
      await load();
    },

    async remove() {
      if (!existsSync(file)) return;
      rmSync(file, { force: true });
      const loaded = await launchctl('print', target);
      if (loaded.code === 0 && !isRunning(loaded.stdout)) await launchctl('bootout', target);
    },

    async status() {
      const text = readText(file);
      const disabled = await launchctl('print-disabled', domain);
      return {
        installed: text !== null,
        enabled: text !== null && !isDisabled(disabled.stdout, label),
        kind: 'launchd',
        current: text === launchdPlist(label, plan),
        remarks: [],
      };
    },
  };
}

/** `launchctl print` of a service: one line says `state = running` when it does. */
function isRunning(printed: string): boolean {
  return /^\s*state = running$/mu.test(printed);
}

/** Lines like `"label" => disabled`, before macOS 13 `=> true`. */
function isDisabled(printed: string, label: string): boolean {
  return printed
    .split('\n')
    .some((line) => line.includes(`"${label}"`) && /=>\s*(?:disabled|true)\s*$/u.test(line));
}
