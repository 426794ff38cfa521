import { DeadlineExceeded } from '../../base/deadline.ts';
import type { Logger } from '../../base/log.ts';
import type { Gap } from './wake-watch.ts';

export interface AfterSleepNeeds {
  readonly logger: Logger;
  readonly keeper: { list(): Promise<unknown>; close(): void };
  /** Where surfaces come in by a connection that may be gone without a word. */
  readonly pages: readonly { probe(): void }[];
  readonly config: { refresh(): void };
  /** Sessions, nights and approvals whose time may have come. */
  readonly parked: readonly { look(): void }[];
}

/** It too may need a moment to come back. */
const KEEPER_TRIES = 2;

/** What a host looks at anew when its machine has slept, or its clock was set. */
export async function lookAnew(needs: AfterSleepNeeds, { awayMs, clockSetMs }: Gap): Promise<void> {
  const { logger, config, parked, pages } = needs;
  logger.info({ awayMs, clockSetMs }, 'the machine slept, or its clock was set; looking anew');
  config.refresh();
  for (const each of parked) each.look();
  for (const page of pages) page.probe();
  await askKeeper(needs);
}

/** One that does not answer holds no agents any more: the host goes the way of a dead keeper. */
async function askKeeper({ keeper, logger }: AfterSleepNeeds): Promise<void> {
  for (let attempt = 1; attempt <= KEEPER_TRIES; attempt += 1) {
    try {
      await keeper.list();
      return;
    } catch (error) {
      // A connection that is closed has told so already.
      if (!(error instanceof DeadlineExceeded)) return;
      logger.warn({ attempt, err: error }, 'the keeper does not answer after a sleep');
    }
  }
  keeper.close();
}
