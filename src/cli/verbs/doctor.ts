import { withDeadline } from '../../base/deadline.ts';
import type { Cli } from '../cli.ts';
import { bad, messageOf, type Check, type DoctorWorld, type Finding } from '../doctor/check.ts';
import { homeChecks } from '../doctor/home-checks.ts';
import { agentFindings, hostChecks } from '../doctor/host-checks.ts';
import { lookAtNotify } from '../doctor/notify-checks.ts';
import { lookAtPower } from '../doctor/power-checks.ts';
import { rulesChecks } from '../doctor/rules-check.ts';
import { runProgram } from '../doctor/run-program.ts';
import { serviceCheck } from '../doctor/service-check.ts';
import { systemChecks } from '../doctor/system-checks.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { count, oneLine } from '../output/text.ts';

/** Above every check's own limits: a hung disk or bus must not hang doctor. */
const CHECK_LIMIT_MS = 30_000;

/** `porchlight doctor`: everything a roll-out needs, each with its fix. Starts nothing. */
export async function doctor(cli: Cli): Promise<ExitCode> {
  const world: DoctorWorld = { cli, run: runProgram, platform: process.platform };
  const [first, agents, power, notify, last] = await Promise.all([
    lookAll([...homeChecks, ...hostChecks, ...rulesChecks], world),
    withDeadline(agentFindings(world), CHECK_LIMIT_MS, 'Looking for agents').catch(
      (error: unknown) => [
        { check: 'agents', finding: bad(messageOf(error), 'See: porchlight logs') },
      ],
    ),
    lookAtPower(world, CHECK_LIMIT_MS),
    lookAtNotify(world, CHECK_LIMIT_MS),
    lookAll([serviceCheck, ...systemChecks], world),
  ]);
  const advice = [...agents, ...power, ...notify].map((row) => ({ ...row, matters: false }));
  const rows = [...first, ...advice, ...last];
  const failed = rows.filter(({ matters, finding }) => matters && !finding.ok);
  await cli.out.answer(
    rows.map(({ check, finding: { ok, detail, fix } }) => ({ check, ok, detail, fix })),
    () => rows.map(text).join('\n'),
  );
  if (failed.length === 0) return EXIT.done;
  cli.out.remark(
    `${count(failed.length, 'check')} failed: ${failed.map(({ check }) => check).join(', ')}.`,
  );
  return EXIT.failed;
}

interface Row {
  readonly check: string;
  readonly matters: boolean;
  readonly finding: Finding;
}

async function lookAll(checks: readonly Check[], world: DoctorWorld): Promise<Row[]> {
  return await Promise.all(
    checks.map(async ({ check, matters, look }) => {
      const finding = await withDeadline(look(world), CHECK_LIMIT_MS, check).catch(
        (error: unknown) => bad(messageOf(error), 'Look at what the message names'),
      );
      return { check, matters, finding };
    }),
  );
}

function text({ check, matters, finding }: Row): string {
  const mark = finding.ok ? 'ok  ' : matters ? 'FAIL' : 'note';
  const line = `${mark}  ${check.padEnd(14)}  ${oneLine(finding.detail)}`;
  return finding.fix === null ? line : `${line}\n      ${' '.repeat(14)}  fix: ${finding.fix}`;
}
