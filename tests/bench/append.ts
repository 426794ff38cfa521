import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { silentLogger } from '../../src/base/log.ts';
import { EventLog } from '../../src/host/event-log/event-log.ts';
import { openStore } from '../../src/host/event-log/sqlite-store.ts';
import { sessionIdSchema } from '../../src/protocol/ids.ts';
import { figure, median, type Figure } from './figure.ts';

export interface AppendOptions {
  /** Each writes the same rows both ways; the first is thrown away. */
  readonly rounds: number;
  /** Transactions of each batch size a round; the larger sizes take fewer. */
  readonly commits: number;
}

const DEFAULTS: AppendOptions = { rounds: 9, commits: 600 };
const BATCHES = [1, 16, 100];
const TEXT = 'A few words, about as long as what a model says between two updates. '.repeat(2);

interface Way {
  append(batch: number): void;
  close(): void;
}

/**
 * Durable appends through the event log, which numbers, folds and publishes, against libsql alone
 * writing the same rows with the same durability, in equal batches, in turns.
 */
export async function benchAppend(options: AppendOptions = DEFAULTS): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-bench-'));
  const ways = {
    bare: bareLibsql(join(folder, 'bare.db')),
    ours: eventLog(join(folder, 'log.db')),
  };
  try {
    return BATCHES.flatMap((batch) => figuresOf(batch, ways, options));
  } finally {
    ways.bare.close();
    ways.ours.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf(
  batch: number,
  { bare, ours }: { bare: Way; ours: Way },
  { rounds, commits }: AppendOptions,
): Figure[] {
  const times: { bare: number[]; ours: number[] } = { bare: [], ours: [] };
  const transactions = Math.max(2, Math.round(commits / Math.sqrt(batch)));
  for (let round = 0; round <= rounds; round += 1) {
    const spent = { bare: 0, ours: 0 };
    // In turns of a few: what else the machine does meets both alike.
    for (let done = 0; done < transactions; done += TURN) {
      spent.bare += timed(bare, batch);
      spent.ours += timed(ours, batch);
    }
    if (round === 0) continue;
    times.bare.push(spent.bare);
    times.ours.push(spent.ours);
  }
  const rows = batch * TURN * Math.ceil(transactions / TURN);
  const perSecond = (ms: number): number => rows / (ms / 1_000);
  const name = `durable append, ${batch} a commit`;
  return [
    figure(`${name}, libsql alone`, perSecond(median(times.bare)), 'rows/s'),
    figure(name, perSecond(median(times.ours)), 'rows/s'),
    figure(
      `${name} / libsql alone`,
      median(times.ours.map((ms, round) => (times.bare[round] ?? Number.NaN) / ms)),
      '×',
      { atLeast: 0.8 },
    ),
  ];
}

const TURN = 10;

function timed(way: Way, batch: number): number {
  const startedAt = performance.now();
  for (let n = 0; n < TURN; n += 1) way.append(batch);
  return performance.now() - startedAt;
}

function eventLog(path: string): Way {
  const store = openStore(path, { log: silentLogger });
  const log = new EventLog(store, { now: () => new Date() });
  const sessionId = sessionIdSchema.parse('s_bench0000000');
  log.commit((tx) =>
    tx.append(sessionId, {
      type: 'session.created',
      sessionId,
      agent: 'clock',
      cwd: '/',
      worktree: null,
      mode: 'ask',
      title: 'Bench',
      by: 'bench',
    }),
  );
  return {
    append: (batch) =>
      log.commit((tx) => {
        for (let n = 0; n < batch; n += 1) tx.append(sessionId, { type: 'agent.text', text: TEXT });
      }),
    close: () => store.close(),
  };
}

function bareLibsql(path: string): Way {
  const db = new Database(path);
  db.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
    CREATE TABLE events (key INTEGER PRIMARY KEY, type TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL)`);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const insert = db.prepare('INSERT INTO events (key, type, at, body) VALUES (?, ?, ?, ?)');
  const commit = db.prepare('COMMIT');
  const at = new Date().toISOString();
  const body = JSON.stringify({ type: 'agent.text', text: TEXT });
  let key = 2 ** 32;
  return {
    append: (batch) => {
      begin.run();
      for (let n = 0; n < batch; n += 1) insert.run((key += 1), 'agent.text', at, body);
      commit.run();
    },
    close: () => db.close(),
  };
}
