import { withDeadline } from '../../src/base/deadline.ts';
import { Stage, type StageOptions } from './stage.ts';
import { steps } from './steps.ts';

const STEP_LIMIT_MS = 40_000;

export interface PlayOptions extends StageOptions {
  /** One JSON array on stdout in place of the lines. */
  readonly json: boolean;
}

/** One step as `--json` tells it. */
export interface Played {
  readonly step: number;
  readonly name: string;
  readonly ok: boolean;
  /** The line that tells it, or why it failed. */
  readonly says: string;
  readonly ms: number;
  /** Names in the folder of pictures. */
  readonly pictures: readonly string[];
}

/** Plays all steps; 0 when each worked and nothing was left behind. */
export async function play(options: PlayOptions): Promise<number> {
  const say = (line: string): void => void (options.json || process.stdout.write(`${line}\n`));
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => process.exit(code));
  const since = Date.now();
  let stage: Stage;
  try {
    stage = await Stage.open(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`Failed before the first step: ${why}\n`);
    return 1;
  }
  const played: Played[] = [];
  try {
    for (const [index, { name, run }] of steps.entries()) {
      const step = index + 1;
      const startedMs = Date.now();
      stage.beginStep(step);
      const outcome = await attempt(stage, name, run);
      const { ok, says } = outcome;
      played.push({ step, name, ok, says, ms: Date.now() - startedMs, pictures: stage.taken });
      if (ok) say(`${step}. ${says}`);
      else {
        process.stderr.write(`Failed at step ${step}, ${name}: ${says}\n`);
        break;
      }
    }
  } finally {
    const killed = await stage.close();
    for (const { pid, command } of killed)
      process.stderr.write(`porchlight: had to kill ${pid} ${command}\n`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(played, null, 2)}\n`);
  const isDone = played.length === steps.length && played.every(({ ok }) => ok);
  const seconds = Math.round((Date.now() - since) / 1_000);
  say(`\n${isDone ? `Done in ${seconds} s` : 'Not done'}. Pictures: ${options.pictures}`);
  return isDone ? 0 : 1;
}

async function attempt(
  stage: Stage,
  name: string,
  run: (stage: Stage) => Promise<string>,
): Promise<{ ok: boolean; says: string }> {
  try {
    return { ok: true, says: await withDeadline(run(stage), STEP_LIMIT_MS, `The step "${name}"`) };
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    await stage.shootFailure(says);
    return { ok: false, says };
  }
}
