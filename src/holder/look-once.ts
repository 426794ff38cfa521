import { withDeadline } from '../base/deadline.ts';
import type { HolderEffect, HolderSensors } from '../protocol/holder.ts';
import { NotHeld, type Lock, type Platform } from './platform.ts';

/** Above the 10 s that a platform gives its tools. */
const STEP_LIMIT_MS = 12_000;
const WHY = 'Porchlight looks whether it can';

/** Whether the machine could be held awake from here, tried for a moment; no setting is changed. */
export interface OnceLook {
  /** `effective`: it would take effect, as far as can be seen without changing a setting. */
  readonly idle: HolderEffect;
  readonly lid: HolderEffect & { readonly setUp: 'needed' | 'done' | null };
  /** Settings that would be changed for the lid, in words. */
  readonly lidSettings: readonly string[];
  readonly sensors: HolderSensors | null;
}

/** `main.js --look`: one JSON value, for `porchlight doctor`. Ends the process, whatever is still open. */
export async function printLook(platform: Platform): Promise<void> {
  try {
    const look = await lookOnce(platform);
    process.stdout.write(`${JSON.stringify(look)}\n`, () => process.exit(0));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message}\n`, () => process.exit(1));
  }
}

/** Never longer than {@link STEP_LIMIT_MS} a step. */
export async function lookOnce(platform: Platform): Promise<OnceLook> {
  const locks: Lock[] = [];
  try {
    const idle = await takeAll(await bounded(platform.idleLocks(), 'Looking for locks'), locks);
    const lid = await takeAll(await bounded(platform.lidLocks(), 'Looking for lid locks'), locks);
    const effects = await bounded(platform.effects(), 'Reading effects back');
    const settings = await bounded(platform.lidSettings(), 'Looking for lid settings');
    const sensors = await bounded(platform.sensors(), 'Reading sensors').catch(() => null);
    // A setting is not changed for a look: nothing is in effect yet, and nothing speaks against it.
    const bySetting = settings.length > 0 && lid === null && effects.lid.effective === false;
    return {
      idle: told(effects.idle, idle),
      lid: bySetting
        ? { ...effects.lid, effective: true, reason: null, fix: null }
        : { ...told(effects.lid, lid), setUp: effects.lid.setUp },
      lidSettings: settings.map(({ label }) => label),
      sensors,
    };
  } finally {
    await Promise.allSettled(
      locks.map(async (lock) => await bounded(lock.letGo(), `Letting go of ${lock.name}`)),
    );
  }
}

/** Takes what it can; the first refusal counts, unless another lock was taken. */
async function takeAll(offered: readonly Lock[], taken: Lock[]): Promise<NotHeld | null> {
  let refusal: NotHeld | null = null;
  let some = false;
  for (const lock of offered) {
    taken.push(lock);
    try {
      await bounded(lock.take(WHY), `Taking ${lock.name}`);
      some = true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      refusal ??= error instanceof NotHeld ? error : new NotHeld(why);
    }
  }
  return some ? null : refusal;
}

/** Why the lock was refused says more than that the effect is not there. */
function told(effect: HolderEffect, refusal: NotHeld | null): HolderEffect {
  if (effect.effective === true || refusal === null) return effect;
  return { effective: effect.effective, reason: refusal.message, fix: refusal.fix ?? effect.fix };
}

async function bounded<T>(work: Promise<T>, what: string): Promise<T> {
  return await withDeadline(work, STEP_LIMIT_MS, what);
}
