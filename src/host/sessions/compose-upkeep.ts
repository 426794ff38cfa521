import type { Logger } from '../../base/log.ts';
import { systemTimers } from '../../connection/timers.ts';
import type { ConfigFile } from '../config/config.ts';
import type { History } from '../event-log/open-history.ts';
import type { Problems } from '../problems.ts';
import type { Commands } from './commands.ts';
import { KEEP_ARCHIVED_DAYS, mayNotForget, Retention } from './retention.ts';

export interface UpkeepNeeds {
  readonly history: Pick<History, 'log' | 'store' | 'problem' | 'checkSoon'>;
  readonly commands: Pick<Commands, 'trim'>;
  readonly config: Pick<ConfigFile, 'current'>;
  readonly problems: Problems;
  readonly logger: Logger;
}

/** What the history needs done over time. Returns the stop. */
export function composeUpkeep(needs: UpkeepNeeds): () => void {
  const { history, commands, config, problems, logger } = needs;
  problems.set('history', history.problem);
  const stopChecking = history.checkSoon(systemTimers);
  const retention = new Retention({
    log: history.log,
    store: history.store,
    timers: systemTimers,
    logger,
    keepDays: () => config.current().history?.keepArchivedDays ?? KEEP_ARCHIVED_DAYS,
    mayNotForget,
    trimOthers: () => commands.trim(),
    tellKept: (message) => problems.set('kept', message),
  });
  return () => {
    stopChecking();
    retention.close();
  };
}
