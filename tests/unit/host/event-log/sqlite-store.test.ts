import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import { StoreCorrupt, StoreTooNew, type Store } from '../../../../src/host/event-log/store.ts';
import { MAX_EVENT_BYTES } from '../../../../src/protocol/limits.ts';
import { appendAll, sessionA, text } from '../../../contracts/store-contract.ts';

let folder: string;
let path: string;
let open: Store[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-store-'));
  path = join(folder, 'porchlight.db');
  open = [];
});
afterEach(() => {
  for (const store of open) store.close();
  rmSync(folder, { recursive: true });
});

function opened(): Store {
  const store = openStore(path, { log: silentLogger });
  open.push(store);
  return store;
}

function closed(store: Store): void {
  open = open.filter((other) => other !== store);
  store.close();
}

/** Opens, writes so many events, closes; returns the epoch. */
function session(events: number): string {
  const store = opened();
  if (events > 0)
    appendAll(
      store,
      sessionA,
      Array.from({ length: events }, () => text('x')),
    );
  closed(store);
  return store.epoch;
}

test('the file and what SQLite keeps beside it are for their owner alone', () => {
  const store = opened();
  appendAll(store, sessionA, [text('x')]);
  const modes = ['', '-wal', '-shm', '.mark.json'].map((end) => statSync(path + end).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
});

test('a backup put back gets a new epoch, and keeps that one', () => {
  const first = session(3);
  copyFileSync(path, `${path}.backup`);
  expect(session(2)).toBe(first);
  copyFileSync(`${path}.backup`, path);
  const second = session(0);
  expect(second).not.toBe(first);
  expect([session(1), session(1)]).toEqual([second, second]);
});

test('a backup of the same run, written over in place, is found by the number of events', () => {
  const store = opened();
  appendAll(store, sessionA, [text('x')]);
  const other = new Database(path);
  other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  other.close();
  const backup = readFileSync(path);
  appendAll(store, sessionA, [text('y')]);
  closed(store);
  writeFileSync(path, backup);
  expect(session(0)).not.toBe(store.epoch);
});

test('a copy in another place gets a new epoch', () => {
  const first = session(3);
  copyFileSync(path, `${path}.copy`);
  copyFileSync(`${path}.mark.json`, `${path}.copy.mark.json`);
  path = `${path}.copy`;
  expect(session(0)).not.toBe(first);
});

test('a host that was killed keeps its epoch, also with the mark behind', () => {
  const first = session(1);
  const mark = readFileSync(`${path}.mark.json`);
  session(300);
  const database = new Database(path);
  database.exec("UPDATE meta SET value = '2' WHERE key = 'opens'");
  database.close();
  writeFileSync(`${path}.mark.json`, mark);
  expect(session(0)).toBe(first);
});

test('a database of a newer version is refused, named, and left as it was', () => {
  session(1);
  const database = new Database(path);
  database.exec('PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  const before = readFileSync(path);
  expect(() => opened()).toThrow(StoreTooNew);
  expect(() => opened()).toThrow(/has layout 99, this program knows up to 3/);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('what is no database, a damaged one, and one of something else are refused by name', () => {
  const garbage = Buffer.alloc(8_192, 'not a database ');
  garbage.writeUInt32BE(0, 60);
  writeFileSync(path, garbage);
  expect(() => opened()).toThrow(StoreCorrupt);
  expect(() => opened()).toThrow(/porchlight\.db is damaged .*Put a backup in its place/);

  rmSync(path);
  const foreign = new Database(path);
  foreign.exec('CREATE TABLE bookmarks (url TEXT)');
  foreign.close();
  expect(() => opened()).toThrow(/is a database of something else/);
});

test('a database cut in half is refused by name', () => {
  const store = opened();
  appendAll(
    store,
    sessionA,
    Array.from({ length: 500 }, () => text('x'.repeat(500))),
  );
  closed(store);
  writeFileSync(path, readFileSync(path).subarray(0, 40_960));
  expect(() => opened().events(sessionA, { limit: 1_000 })).toThrow(/porchlight\.db is damaged/);
});

test('a folder that is not there is named', () => {
  path = join(folder, 'gone', 'porchlight.db');
  expect(() => opened()).toThrow(/Cannot open the history at .*gone.*Check that the folder exists/);
});

test('an event over the limit keeps head and tail', () => {
  const store = opened();
  const [event] = appendAll(store, sessionA, [text(`begin${'x'.repeat(2 * MAX_EVENT_BYTES)}end`)]);
  expect(store.bytesOf(event ?? never())).toBeLessThanOrEqual(MAX_EVENT_BYTES);
  expect(event).toMatchObject({
    type: 'agent.text',
    text: expect.stringMatching(/^begin.* bytes left out .*end$/s),
  });
});

test('rows of an event type that is not known are read as they are', () => {
  const store = opened();
  appendAll(store, sessionA, [{ type: 'weather.changed', to: 'rain' } as never]);
  expect(store.events(sessionA, { limit: 1 })).toMatchObject([
    { type: 'weather.changed', to: 'rain', seq: 1 },
  ]);
});

function never(): never {
  throw new Error('missing');
}
