import { existsSync, openSync, readSync, closeSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Logger } from '../../base/log.ts';
import { readMark } from './epoch-mark.ts';
import { EventLog } from './event-log.ts';
import { PAGE_BYTES } from './salvage/database-pages.ts';
import {
  finishPuttingAside,
  forgetDamage,
  freshPath,
  putAside,
  readDamage,
} from './salvage/kept-aside.ts';
import { salvage, type Salvaged } from './salvage/salvage.ts';
import { readWriteAheadLog } from './salvage/write-ahead-log.ts';
import { openStore } from './sqlite-store.ts';
import type { Timers } from '../../connection/timers.ts';
import { explained } from './open-database.ts';
import { StoreCorrupt, type Store } from './store.ts';

export interface HistoryNeeds {
  readonly log: Logger;
  now(): Date;
  /** While a damaged history is saved; from 0 to 1. */
  onSalvage(part: number): void;
  /** The database turned out to be damaged while it was open; noted for the next start. */
  onDamage(): void;
}

export interface History {
  readonly store: Store;
  readonly log: EventLog;
  /** Words for people about what was saved and what is gone; null when the history is whole. */
  readonly problem: string | null;
  /** After a host that was killed: looks through all of it once, beside this thread. Returns the stop. */
  checkSoon(timers: Pick<Timers, 'after'>): () => void;
}

/** Whoever came first is served by then. */
const CHECK_AFTER_MS = 10_000;

/** Meta: what the last salvage has to say, and the file it kept. */
const SALVAGE = 'salvage';

/**
 * Opens the history. A damaged one is kept aside, and a new one made of all that can be read.
 * Throws as `openDatabase` does: {@link StoreCorrupt} only for what is none of ours.
 */
export async function openHistory(path: string, needs: HistoryNeeds): Promise<History> {
  try {
    return await openedOrSaved(path, needs);
  } catch (error) {
    throw explained(error, path);
  }
}

async function openedOrSaved(path: string, needs: HistoryNeeds): Promise<History> {
  finishPuttingAside(path);
  const why = readDamage(path)?.why ?? damageSeen(path);
  if (why === null)
    try {
      return opened(path, needs);
    } catch (error) {
      if (!(error instanceof StoreCorrupt)) throw error;
      return await saved(path, needs, error.message, error);
    }
  return await saved(path, needs, why, null);
}

function opened(path: string, { log: logger, now, onDamage }: HistoryNeeds): History {
  const wasKilled = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const store = openStore(path, { log: logger, onDamage });
  try {
    const log = new EventLog(store, { now, log: logger });
    const check = (): void => void checked(store, logger);
    const checkSoon: History['checkSoon'] = (timers) =>
      wasKilled ? timers.after(CHECK_AFTER_MS, check) : () => {};
    return { store, log, problem: problemOf(store), checkSoon };
  } catch (error) {
    store.close();
    throw error;
  }
}

async function checked(store: Store, logger: Logger): Promise<void> {
  try {
    const found = await store.check();
    if (found === null) logger.debug({}, 'the history is whole');
  } catch (error) {
    logger.warn({ err: error }, 'the history could not be checked');
  }
}

async function saved(
  path: string,
  needs: HistoryNeeds,
  why: string,
  refusal: StoreCorrupt | null,
): Promise<History> {
  const { log: logger, now, onSalvage } = needs;
  const had = readMark(path)?.events ?? 0;
  logger.error({ path, why }, 'the history is damaged; saving what can be read');
  const nowIso = now().toISOString();
  const result = await salvage(path, freshPath(path), { nowIso, onProgress: onSalvage });
  // Ours though nothing is left of it: the mark beside it says so.
  const isOurs = result !== null || had > 0;
  if (!isOurs) {
    forgetDamage(path);
    if (refusal !== null) throw refusal;
    return opened(path, needs);
  }
  const aside = `${path}.damaged-${nowIso.replaceAll(/[-:]|\.\d+/gu, '')}`;
  putAside(path, { why, aside });
  const history = opened(path, needs);
  const text = JSON.stringify({ aside, words: wordsFor(result, had, aside, nowIso) });
  history.store.commit((writer) => writer.putMeta(SALVAGE, text));
  logger.warn({ path, aside, result }, 'a new history was made of what could be read');
  return { ...history, problem: problemOf(history.store) };
}

/** Said for as long as the damaged file lies there: whoever removes it has read it. */
function problemOf(store: Store): string | null {
  const text = store.meta(SALVAGE);
  if (text === null) return null;
  // Our own row.
  const { aside, words } = JSON.parse(text) as { aside: string; words: string };
  return existsSync(aside) ? words : null;
}

function wordsFor(result: Salvaged | null, had: number, aside: string, nowIso: string): string {
  const lost = (result?.sessions ?? []).filter((session) => session.lost > 0);
  const told = lost.reduce((sum, session) => sum + session.lost, 0);
  // The mark beside the file counts on when nothing in it tells how far a session went.
  const events = Math.max(told, had - (result?.events ?? 0) - (result?.forgotten ?? 0));
  const what =
    result === null
      ? 'Nothing in it could be read.'
      : events === 0
        ? 'No event is known to be missing.'
        : `${events} events are gone; the sessions say where.`;
  const agents = result?.keepsAgents === true ? '' : ' Agents that were running have been ended.';
  return `The history on the disk was damaged (${nowIso.slice(0, 10)}). ${what}${agents} The damaged file is kept as ${basename(aside)}, beside the new one: remove it when you do not need it.`;
}

/** Damage that SQLite would take for the end of the file, and go on without what comes after. */
function damageSeen(path: string): string | null {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const wal = readWriteAheadLog(`${path}-wal`, PAGE_BYTES);
  if (wal.isDamaged) return 'a frame of its write-ahead log is broken';
  const had = readMark(path)?.events ?? 0;
  if (bytes === 0) return had > 0 || wal.pages.size > 0 ? 'the file is empty or gone' : null;
  const pages = pagesByHeader(path);
  for (let page = Math.floor(bytes / PAGE_BYTES) + 1; page <= pages; page += 1)
    if (!wal.pages.has(page)) return `the file ends at ${bytes} bytes, inside of what it had`;
  return null;
}

/** How long the file is by its own header; 0 when the header does not vouch for that. */
function pagesByHeader(path: string): number {
  const header = Buffer.alloc(100);
  const fd = openSync(path, 'r');
  try {
    if (readSync(fd, header, 0, 100, 0) < 100) return 0;
  } finally {
    closeSync(fd);
  }
  const isOurs = header.toString('latin1', 0, 15) === 'SQLite format 3';
  const isCurrent = header.readUInt32BE(24) === header.readUInt32BE(92);
  return isOurs && isCurrent ? header.readUInt32BE(28) : 0;
}
