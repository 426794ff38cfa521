import type { Readable } from 'node:stream';
import type { Logger } from '../base/log.ts';
import { backoffMs, type BackoffPolicy } from '../base/backoff.ts';
import type { Timers } from '../connection/timers.ts';
import { limited } from './limited.ts';
import type { Platform } from './platform.ts';
import { recoverAll, type RecoveryDeps } from './recovery.ts';
import { DONE } from './watchdog-child.ts';

/** A host that lives starts the next holder at once, which takes over what this one had. */
const SUCCESSOR_MS = 1_000;
/** A process that is being killed may be listed for a while. */
const DYING_MS = 5_000;
/** After this the next holder has to do it. */
const GIVE_UP_MS = 10 * 60_000;
const BACKOFF: BackoffPolicy = { firstMs: 500, maxMs: 30_000 };
const MAX_SAID_CHARS = 100;

export interface WatchdogDeps extends RecoveryDeps {
  readonly platform: Pick<Platform, 'settingNamed' | 'sleepIfLidClosed'>;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Logger;
}

/** Waits for the end of the holder at the other end of the pipe, and undoes what it did not. */
export async function watchOver(holder: Readable, deps: WatchdogDeps): Promise<void> {
  if ((await lastWords(holder)) === DONE) return;
  const { timers, log } = deps;
  log.warn({}, 'the holder is gone without undoing its changes');
  const startedAtMs = timers.nowMs();
  let hasRestored = false;
  await wait(timers, SUCCESSOR_MS);
  for (let failures = 1; ; failures += 1) {
    const recovered = await recoverAll(deps);
    log.info({ ...recovered }, 'put back what was left');
    hasRestored ||= recovered.restored.length > 0;
    const passedMs = timers.nowMs() - startedAtMs;
    const mayBeDying = recovered.shared.length > 0 && passedMs < DYING_MS;
    if (recovered.failed.length === 0 && !mayBeDying) break;
    if (passedMs > GIVE_UP_MS) break;
    await wait(timers, mayBeDying ? BACKOFF.firstMs : backoffMs(failures, BACKOFF, deps.random()));
  }
  if (!hasRestored) return;
  try {
    await limited(timers, deps.platform.sleepIfLidClosed(), 'Sleeping behind the closed lid');
  } catch (error) {
    log.warn({ err: String(error) }, 'the machine may stay awake behind its closed lid');
  }
}

async function lastWords(holder: Readable): Promise<string> {
  let said = '';
  return await new Promise((resolve) => {
    const onEnd = (): void => resolve(said.trim());
    holder.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(0, MAX_SAID_CHARS);
    });
    holder.once('end', onEnd);
    holder.once('close', onEnd);
    holder.once('error', onEnd);
  });
}

async function wait(timers: Timers, forMs: number): Promise<void> {
  await new Promise<void>((resolve) => void timers.after(forMs, resolve));
}
