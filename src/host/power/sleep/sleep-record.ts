import { z } from 'zod';
import type { Logger } from '../../../base/log.ts';
import { sessionIdSchema } from '../../../protocol/ids.ts';

export const SLEEP_KEY = 'sleep';

/** A sleep that was announced and is not over, as the store keeps it for the next host. */
const sleepRecordSchema = z.object({
  from: z.iso.datetime(),
  why: z.string(),
  /** Those that were told of it. */
  sessions: z.array(sessionIdSchema),
  /** Since the machine started, sleep included; a machine that was started again has less. */
  uptimeMs: z.number(),
  /** Of that, asleep; null where no clock tells it. */
  sleptMs: z.number().nullable(),
});
export type SleepRecord = z.infer<typeof sleepRecordSchema>;

export function readSleepRecord(text: string | null, logger: Logger): SleepRecord | null {
  if (text === null || text === '') return null;
  try {
    return sleepRecordSchema.parse(JSON.parse(text));
  } catch (error) {
    logger.warn({ err: error }, 'what was kept of a sleep cannot be read; it is forgotten');
    return null;
  }
}

export interface MachineNow {
  readonly uptimeMs: number;
  readonly sleptMs: number | null;
  readonly wallMs: number;
}

/**
 * What became of a sleep that an earlier host announced. `awake`: the machine did not sleep, as far as
 * its clocks tell. `slept`: it did, or that cannot be told. `startedAgain`: it was off in between.
 */
export function outcomeOf(
  record: SleepRecord,
  { uptimeMs, sleptMs, wallMs }: MachineNow,
): 'awake' | 'slept' | 'startedAgain' {
  const startedAtMs = wallMs - uptimeMs;
  if (uptimeMs < record.uptimeMs || startedAtMs > Date.parse(record.from)) return 'startedAgain';
  if (sleptMs === null || record.sleptMs === null) return 'slept';
  return sleptMs - record.sleptMs < 1_000 ? 'awake' : 'slept';
}
