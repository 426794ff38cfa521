import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../src/base/log.ts';
import { openStore } from '../../src/host/event-log/sqlite-store.ts';
import type { SessionEvent } from '../../src/protocol/session/events.ts';
import { instance, sessions, type Acknowledged } from '../fakes/store-writer.ts';

/** Each round the writer is killed while it goes on after so many acknowledged commits. */
const KILLED_AFTER = [1, 3, 40, 150, 400];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-killed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a writer, kills it in the middle of what comes after `commits`, and returns its last word. */
async function writeAndKill(path: string, commits: number): Promise<Acknowledged> {
  const script = join(import.meta.dirname, '..', 'fakes', 'store-writer.mjs');
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let last: Acknowledged | null = null;
  let heard = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // What the child writes, whole lines of JSON.
    last = JSON.parse(line) as Acknowledged;
    heard += 1;
    if (heard === commits) child.kill('SIGKILL');
  }
  expect((await exited)[1]).toBe('SIGKILL');
  if (last === null) throw new Error('The writer acknowledged nothing.');
  return last;
}

function isGapless(events: readonly SessionEvent[]): boolean {
  return events.every(({ seq }, index) => seq === index + 1);
}

function batchOf(event: SessionEvent | undefined): number {
  return event?.type === 'agent.text' ? Number(event.text) : 0;
}

test('a writer killed at any time loses nothing that it acknowledged, and half of nothing is there', async () => {
  const path = join(folder, 'porchlight.db');
  const epochs = new Set<string>();
  for (const commits of KILLED_AFTER) {
    const told = await writeAndKill(path, commits);
    const store = openStore(path, { log: silentLogger });
    epochs.add(store.epoch);
    const batch = store.instances()[0]?.spoolOffset ?? 0;
    const histories = sessions.map((id) => store.events(id, { limit: 1_000_000 }));
    expect({
      kept: batch >= told.batch,
      seqs: histories.every((events, i) => events.length >= (told.seqs[i] ?? Infinity)),
      gapless: histories.every(isGapless),
      lastBatches: histories.map((events) => batchOf(events.at(-1))),
      lines: store.outbox(instance, 0).map(({ n, line }) => line === `line ${n}`),
    }).toEqual({
      kept: true,
      seqs: true,
      gapless: true,
      lastBatches: [batch, batch],
      lines: Array<boolean>(batch).fill(true),
    });
    store.close();
  }
  const database = new Database(path);
  const check: unknown = database.prepare('PRAGMA integrity_check').get();
  database.close();
  expect(check).toMatchObject({ integrity_check: 'ok' });
  expect(epochs.size).toBe(1);
});
