import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../base/log.ts';
import { openHistory, type History, type HistoryNeeds } from './open-history.ts';
import { StoreFull } from './store.ts';

const LOOK_AGAIN_MS = 2_000;
/** A short salvage is waited for; about a longer one people want to know. */
const PATIENCE_MS = 3_000;

export interface ReadyNeeds extends Omit<HistoryNeeds, 'onSalvage'> {
  readonly log: Logger;
  /** From now on whoever asks is told this; called again with what is true then. */
  tell(words: string): void;
}

/** {@link openHistory}, as soon as there is room on the disk for it. */
export async function historyWhenReady(path: string, needs: ReadyNeeds): Promise<History> {
  const sinceMs = performance.now();
  for (let looks = 0; ; looks += 1) {
    try {
      return await openHistory(path, {
        ...needs,
        onSalvage: (part) => {
          if (performance.now() - sinceMs < PATIENCE_MS) return;
          needs.tell(
            `The history was found damaged and is being saved: ${Math.round(part * 100)} % done. Try again in a moment.`,
          );
        },
      });
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      if (looks === 0) needs.log.error({ err: error }, 'no room to start; waiting for some');
      needs.tell(`The host cannot start yet. ${error.message} It goes on by itself.`);
    }
    await delay(LOOK_AGAIN_MS);
  }
}
