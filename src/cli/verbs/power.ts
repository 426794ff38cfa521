import { RpcFailure } from '../../protocol/errors.ts';
import type { MethodName, Params, Result } from '../../protocol/methods.ts';
import type { Hold, PowerState } from '../../protocol/power.ts';
import { agree } from '../agree.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, wrongUsage } from '../failure.ts';
import { ask } from '../host/host-link.ts';
import { lidReportText, powerText } from '../output/power-text.ts';
import { table } from '../output/table.ts';
import { count, duration, oneLine } from '../output/text.ts';
import { powerChangesOf, powerPolicyRows } from '../power/policy-settings.ts';
import { setUpWords } from '../power/set-up-words.ts';
import { spanMs } from '../times.ts';

/** Its tools are given 10 s each. */
const LOOK_LIMIT_MS = 30_000;
/** A person types a password. */
const SET_UP_LIMIT_MS = 10 * 60_000;
const LONGEST_HOLD_SEC = 30 * 86_400;

export interface HoldOptions {
  readonly for?: string;
  readonly lid?: boolean;
  readonly reason?: string;
}

export interface SetUpOptions {
  readonly undo?: boolean;
  readonly yes?: boolean;
  readonly force?: boolean;
}

type PowerMethod = Extract<MethodName, `power.${string}`>;

/** `porchlight power` */
export async function showPower(cli: Cli): Promise<void> {
  const { power } = await askPower(cli, 'power.state', {}, LOOK_LIMIT_MS);
  await cli.out.answer(jsonOf(power), () => powerText(power, cli.nowMs(), cli.out.columns));
}

/** `porchlight power hold` */
export async function holdAwake(cli: Cli, options: HoldOptions): Promise<void> {
  const forSec = options.for === undefined ? undefined : spanMs(options.for) / 1_000;
  if (forSec !== undefined && forSec > LONGEST_HOLD_SEC)
    throw wrongUsage('--for takes 30 days at most: 30d.');
  const reason = options.reason?.trim();
  if (reason !== undefined && (reason === '' || reason.length > 200))
    throw wrongUsage('--reason takes 1 to 200 characters.');
  const { hold } = await askPower(
    cli,
    'power.hold',
    {
      commandId: cli.newCommandId(),
      lid: options.lid === true,
      ...(forSec !== undefined && { forSec }),
      ...(reason !== undefined && { reason }),
    },
    LOOK_LIMIT_MS,
  );
  await cli.out.answer(hold, () => heldWords(hold, cli.nowMs()));
}

function heldWords({ id, until, lid }: Hold, nowMs: number): string {
  const how = lid ? 'with the lid closed too' : 'against idle sleep';
  const end =
    until === null
      ? 'until you release it'
      : `for ${duration((Date.parse(until) - nowMs) / 1_000)}`;
  return `Held ${how}, ${end}: ${id}. Whether it took effect: porchlight power`;
}

/** `porchlight power release [ID]`: the person's own holds; a session's end with its work. */
export async function releaseHolds(cli: Cli, given: string | undefined): Promise<void> {
  const id = given === undefined ? undefined : await holdIdOf(cli, given);
  const { released } = await askPower(
    cli,
    'power.release',
    { commandId: cli.newCommandId(), ...(id !== undefined && { id }) },
    LOOK_LIMIT_MS,
  );
  if (id !== undefined && released === 0) throw noSuchHold(id);
  await cli.out.answer({ released }, () =>
    released === 0
      ? 'You hold nothing. What does: porchlight power'
      : `Released: ${count(released, 'hold')}.`,
  );
}

async function holdIdOf(cli: Cli, given: string): Promise<string> {
  if (cli.json) return given;
  const { power } = await askPower(cli, 'power.state', {}, LOOK_LIMIT_MS);
  const exact = power.holds.find(({ id }) => id === given);
  const found =
    exact === undefined
      ? power.holds.filter(
          ({ id, kind }) => kind === 'user' && given !== '' && id.startsWith(given),
        )
      : [exact];
  const [hold] = found;
  if (hold === undefined) throw noSuchHold(given);
  if (found.length > 1)
    throw new CliFailure(
      `${oneLine(given)} is the beginning of several: ${found.map(({ id }) => id).join(', ')}`,
    );
  if (hold.kind !== 'user')
    throw new CliFailure(
      `${oneLine(hold.id)} is a session's own (${hold.kind}) and ends with its work: porchlight cancel, or stop.`,
    );
  return hold.id;
}

function noSuchHold(id: string): CliFailure {
  return new CliFailure(`You have no hold ${oneLine(id)}. List them with: porchlight power`);
}

/** `porchlight power policy [KEY=VALUE…]`: shows it, or changes the keys that are given. */
export async function powerPolicy(cli: Cli, words: readonly string[]): Promise<void> {
  const change = powerChangesOf(words);
  const policy =
    words.length === 0
      ? (await askPower(cli, 'power.state', {}, LOOK_LIMIT_MS)).power.policy
      : (
          await askPower(cli, 'power.setPolicy', {
            commandId: cli.newCommandId(),
            policy: change,
          })
        ).policy;
  await cli.out.answer(policy, () =>
    table(['KEY', 'VALUE', 'MEANS'], powerPolicyRows(policy), cli.out.columns),
  );
}

/** `porchlight power sleep-when-done [on|off]` */
export async function sleepWhenDone(cli: Cli, given: 'on' | 'off' | undefined): Promise<void> {
  const on = given !== 'off';
  await askPower(cli, 'power.sleepWhenDone', { commandId: cli.newCommandId(), on });
  await cli.out.answer({ sleepWhenDone: on }, () =>
    on
      ? 'The machine is put to sleep once, when the last hold is gone.'
      : 'The machine is not put to sleep by Porchlight.',
  );
}

/** `porchlight power setup [--undo]`: what the lid needs once, after a person has agreed. */
export async function setUpPower(cli: Cli, options: SetUpOptions): Promise<void> {
  const undo = options.undo === true;
  const { power } = await askPower(cli, 'power.state', {}, LOOK_LIMIT_MS);
  if (power.lid.setUp === null)
    throw new CliFailure(
      `There is nothing to set up on this machine. ${power.lid.reason === null ? 'What is held: porchlight power' : oneLine(power.lid.reason)}`,
    );
  if (options.yes !== true && options.force !== true) {
    const words = setUpWords(process.platform, undo);
    if (!cli.asks)
      throw new CliFailure(
        `${words} To agree: porchlight power setup${undo ? ' --undo' : ''} --yes`,
      );
    await agree(cli, `${words}\nDo it? [y/N] `, 'Nothing was changed.');
  }
  const { message } = await askPower(cli, 'power.setUp', { undo }, SET_UP_LIMIT_MS);
  await cli.out.answer({ message }, () => oneLine(message));
}

/** `porchlight power report`: of the lid that is closed now, else of the last time. */
export async function reportLid(cli: Cli): Promise<void> {
  const { report } = await askPower(cli, 'power.lidReport', {});
  await cli.out.answer(report, () =>
    report === null
      ? 'The lid was not closed since this host began to look.'
      : lidReportText(report, cli.nowMs()),
  );
}

async function askPower<M extends PowerMethod>(
  cli: Cli,
  method: M,
  params: Params<M>,
  limitMs?: number,
): Promise<Result<M>> {
  try {
    return await ask(cli, method, params, limitMs);
  } catch (error) {
    if (error instanceof RpcFailure && (error.is('methodNotFound') || error.is('notBuilt')))
      throw new CliFailure(
        'The host that runs is older and cannot hold the machine awake. Bring it to this version: porchlight host restart',
      );
    throw error;
  }
}

/** As the contract of the command line has it; what stands behind `sleepsAt` and the like may grow. */
export function jsonOf(power: PowerState) {
  const { holds, idle, lid, battery, safeToCloseLid, reasons, ...rest } = power;
  return {
    ...{ holds, idle, lid, battery, safeToCloseLid },
    reasons: reasons.map(({ text }) => text),
    codes: reasons.map(({ code }) => code),
    fixes: reasons.map(({ fix }) => fix ?? null),
    ...rest,
  };
}
