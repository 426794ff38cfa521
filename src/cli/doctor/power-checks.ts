import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { withDeadline } from '../../base/deadline.ts';
import { hasPowerJournal, powerJournalFolder } from '../../local/power-journal.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { PowerState } from '../../protocol/power.ts';
import type { Cli } from '../cli.ts';
import { findHost } from '../host/host-link.ts';
import { oneLine } from '../output/text.ts';
import { bad, fine, messageOf, type DoctorWorld, type Finding } from './check.ts';

/** Above the limits of the tools that a look asks, below doctor's own. */
const LOOK_LIMIT_MS = 25_000;
const SET_UP = 'porchlight power setup';

const effectSchema = z.looseObject({
  effective: z.boolean().nullable(),
  reason: z.string().nullable(),
  fix: z.string().nullable(),
});
/** What the holder's program prints with `--look`. */
const lookSchema = z.looseObject({
  idle: effectSchema,
  lid: effectSchema.extend({ setUp: z.enum(['needed', 'done']).nullable() }),
  lidSettings: z.array(z.string()),
});
type Look = z.infer<typeof lookSchema>;
type Effect = z.infer<typeof effectSchema>;

/**
 * Whether the machine can be held awake: as the host sees it while it holds, else as a look from this
 * terminal shows, which takes the locks for a moment and changes no setting.
 */
export async function powerFindings(
  world: DoctorWorld,
): Promise<{ check: string; finding: Finding }[]> {
  const state = await stateOf(world.cli);
  // What is held now says more than a look, and is known already.
  const isHeld = state !== null && state.idle.wanted && state.lid.wanted;
  const look = isHeld ? 'it is held' : await lookOf(world);
  return [
    { check: 'awake', finding: idleFinding(state, look) },
    { check: 'lid', finding: lidFinding(state, look) },
    { check: 'power left', finding: leftFinding(world.cli, state !== null) },
  ];
}

/** Null where no host runs, or it is one that holds nothing awake. */
async function stateOf(cli: Cli): Promise<PowerState | null> {
  const link = await findHost(cli).catch(() => null);
  if (link === null) return null;
  try {
    return (await link.client.call('power.state', {}, LOOK_LIMIT_MS)).power;
  } catch (error) {
    if (error instanceof RpcFailure) return null;
    throw error;
  } finally {
    link.close();
  }
}

async function lookOf({ cli, run }: DoctorWorld): Promise<Look | string> {
  const program = join(cli.programs.dist, 'holder', 'main.js');
  if (!existsSync(program) && !program.includes('.asar')) return `there is no ${program}`;
  const ran = await run(cli.programs.execPath, [program, '--look'], {
    limitMs: LOOK_LIMIT_MS,
    env: {
      ...cli.env,
      PORCHLIGHT_HOME: cli.home.root,
      ...(process.versions.electron !== undefined && { ELECTRON_RUN_AS_NODE: '1' }),
    },
  });
  if (ran.code !== 0)
    return ran.problem === 'slow'
      ? `the look did not end within ${LOOK_LIMIT_MS / 1_000} s`
      : oneLine(ran.stderr.trim() || `exit code ${ran.code}`);
  try {
    return lookSchema.parse(JSON.parse(ran.stdout));
  } catch (error) {
    return `the look said nothing that can be read (${oneLine(messageOf(error)).slice(0, 200)})`;
  }
}

export function idleFinding(state: PowerState | null, look: Look | string): Finding {
  if (state !== null && state.idle.wanted)
    return effectFinding('idle sleep is held off', { ...state.idle, fix: null }, SEE_POWER);
  if (typeof look === 'string') return bad(`cannot be looked at: ${look}`, SEE_POWER);
  return effectFinding('idle sleep can be held off', look.idle, SEE_POWER);
}

export function lidFinding(state: PowerState | null, look: Look | string): Finding {
  if (state !== null && state.lid.wanted)
    return lidEffect('sleep by the lid is held off', state.lid, state.lid.setUp);
  if (typeof look === 'string') return bad(`cannot be looked at: ${look}`, SEE_POWER);
  const { lid, lidSettings } = look;
  const by =
    lidSettings.length === 0 ? '' : ` (a setting, put back after: ${lidSettings.join(', ')})`;
  return lidEffect(`sleep by the lid can be held off${by}`, lid, lid.setUp);
}

function lidEffect(works: string, effect: Effect, setUp: 'needed' | 'done' | null): Finding {
  if (setUp !== 'needed' || effect.effective === true)
    return effectFinding(works, effect, SEE_POWER);
  return bad(
    oneLine(effect.reason ?? 'the lid needs something once on this machine'),
    effect.fix === null ? SET_UP : oneLine(effect.fix),
  );
}

const SEE_POWER = 'See docs/power.md';

function effectFinding(
  works: string,
  { effective, reason, fix }: Effect,
  otherwise: string,
): Finding {
  const why = reason === null ? '' : oneLine(reason);
  if (effective === true) return fine(why === '' ? works : `${works}; ${why}`);
  const detail =
    effective === false
      ? why || `not so: ${works}`
      : `nobody can say whether ${works}${why === '' ? '' : `: ${why}`}`;
  return bad(detail, fix === null ? otherwise : oneLine(fix));
}

/** The journal is of all homes of this user: what another home holds just now stands in it too. */
function leftFinding(cli: Cli, hostRuns: boolean): Finding {
  const folder = powerJournalFolder(cli.env);
  if (!hasPowerJournal(folder)) return fine('no power setting of this machine is changed');
  return hostRuns
    ? fine(`a power setting is changed and will be put back; the old value is in ${folder}`)
    : bad(
        `a power setting may still be changed; the old value is in ${folder}`,
        'porchlight power undo',
      );
}

/** Above the look and the host together: they are asked one after the other. */
export async function lookAtPower(
  world: DoctorWorld,
  limitMs: number,
): Promise<{ check: string; finding: Finding }[]> {
  return await withDeadline(powerFindings(world), limitMs, 'Looking at power').catch(
    (error: unknown) => [{ check: 'awake', finding: bad(messageOf(error), SEE_POWER) }],
  );
}
