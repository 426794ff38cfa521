import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramRun } from '../doctor/run-program.ts';
import { taskScript } from '../../local/service-place.ts';
import { CliFailure } from '../failure.ts';
import { oneLine } from '../output/text.ts';
import { readText, TOOL_LIMIT_MS } from './service-tools.ts';
import type { Service, ServicePlan, ServiceWorld } from './service.ts';
import { quoteArgument, startScript, taskXml } from './task-xml.ts';
import { xml } from './launchd-plist.ts';

/** A task of the Task Scheduler, at the user's login. */
export function taskService(plan: ServicePlan, world: ServiceWorld): Service {
  const task = plan.name;
  const script = taskScript(plan.keeperState);
  const schtasks = async (...args: string[]): Promise<ProgramRun> =>
    await world.run('schtasks.exe', args, { limitMs: TOOL_LIMIT_MS });
  const must = async (...args: string[]): Promise<void> => {
    const done = await schtasks(...args);
    if (done.code === 0) return;
    const why = oneLine(done.stderr || done.stdout || `exit code ${done.code}`);
    const fix = /denied/iu.test(why)
      ? 'Your organisation may forbid tasks; ask for the right "Log on as a batch job", or use the tray app\'s "Start at login".'
      : 'Look at it in the Task Scheduler (taskschd.msc).';
    throw new CliFailure(`schtasks ${args[0] ?? ''} failed: ${why} ${fix}`);
  };
  return {
    async install() {
      mkdirSync(plan.keeperState, { recursive: true, mode: 0o700 });
      writeFileSync(script, startScript(plan), { mode: 0o600 });
      const user = `${world.env.USERDOMAIN ?? world.env.COMPUTERNAME ?? '.'}\\${world.userName}`;
      const draft = join(plan.keeperState, 'service.xml');
      // schtasks takes the encoding its own exports have.
      writeFileSync(draft, `\ufeff${taskXml({ user, script })}`, { encoding: 'utf16le' });
      try {
        await must('/create', '/tn', task, '/xml', draft, '/f');
      } finally {
        rmSync(draft, { force: true });
      }
      await must('/run', '/tn', task);
    },

    async remove() {
      if ((await schtasks('/query', '/tn', task)).code === 0)
        await must('/delete', '/tn', task, '/f');
      rmSync(script, { force: true });
    },

    async status() {
      const found = await schtasks('/query', '/tn', task, '/xml');
      const installed = found.code === 0;
      return {
        installed,
        enabled: installed && !/<Settings>[\s\S]*<Enabled>false<\/Enabled>/u.test(found.stdout),
        kind: 'task',
        current:
          installed &&
          found.stdout.includes(xml(quoteArgument(script))) &&
          readText(script) === startScript(plan),
        remarks: [],
      };
    },
  };
}
