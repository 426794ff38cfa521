import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { openHistory, type History } from '../../../../src/host/event-log/open-history.ts';
import { PAGE_BYTES } from '../../../../src/host/event-log/salvage/database-pages.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import { StoreCorrupt } from '../../../../src/host/event-log/store.ts';
import type { InstanceId, SessionId } from '../../../../src/protocol/ids.ts';
import {
  eventBodySchema,
  type EventBody,
  type SessionEvent,
} from '../../../../src/protocol/session/events.ts';
import { cases } from '../../../support/cases.ts';

// A machine under load takes seconds for so many events.
vi.setConfig({ testTimeout: 60_000 });

const SESSIONS = 20;
const EVENTS = cases(8_000, 16_000);
/** An odd one flips bytes, an even one wipes all of it. */
const SEEDS = cases(2, 4);
const NOW = new Date('2026-03-14T09:26:53.589Z');
const instance = 'i_aaaaaaaaaaa1' as InstanceId;

let root: string;
let source: string;
let folder: string;
let history: History | null = null;
let damagedAt: number;
/** What was written, by session. */
const written = new Map<SessionId, SessionEvent[]>();

const idOf = (n: number): SessionId =>
  `s_${'abcdefghijklmnopqrstuvwxyz'[n] ?? 'z'}aaaaaaaaaaa` as SessionId;

/** Same numbers every time: a failing case can be run again. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function bodyOf(id: SessionId, n: number, random: (below: number) => number): EventBody {
  if (n === 0)
    return eventBodySchema.parse({
      type: 'session.created',
      sessionId: id,
      agent: 'demo',
      cwd: '/home/ada/project',
      worktree: null,
      mode: 'ask',
      title: `Session ${id}`,
      by: 'cli',
    });
  if (n % 400 === 7) return { type: 'agent.text', text: `${n} ${'long '.repeat(3_000)}` };
  return { type: 'agent.text', text: `${n} ${'word '.repeat(random(30))}` };
}

/** A history that was not closed: a good part of it lies in the write-ahead log. */
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'porchlight-salvage-'));
  source = join(root, 'source');
  mkdirSync(source);
  const random = numbers(1);
  const store = openStore(join(source, 'porchlight.db'), { log: silentLogger });
  const log = new EventLog(store, { now: () => NOW });
  store.commit((writer) => {
    writer.putInstance({ instance, agent: 'demo', shareKey: 'k', memo: { of: idOf(0) } });
    writer.putOutbox(instance, 'a line');
  });
  for (let n = 0, done = 0; done < EVENTS; n += 1)
    log.commit((tx) => {
      const id = idOf(n % SESSIONS);
      const before = tx.state(id)?.lastSeq ?? 0;
      for (let i = 0; i < 50; i += 1, done += 1) tx.append(id, bodyOf(id, before + i, random));
    });
  for (const id of log.states().keys()) written.set(id, log.events(id, { limit: EVENTS }));
  for (const name of readdirSync(source)) copyFileSync(join(source, name), join(root, name));
  // And one that was closed, the whole of it in the one file.
  store.close();
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));

afterEach(() => {
  history?.store.close();
  history = null;
});

function copied(kind: 'closed' | 'killed'): string {
  folder = mkdtempSync(join(root, 'case-'));
  const from = kind === 'closed' ? source : root;
  for (const name of readdirSync(from))
    if (/^porchlight\.db(-wal|\.mark\.json)?$/u.test(name))
      copyFileSync(join(from, name), join(folder, name));
  return join(folder, 'porchlight.db');
}

async function opened(path: string): Promise<History> {
  history = await openHistory(path, {
    log: silentLogger,
    now: () => NOW,
    onSalvage: () => {},
    onDamage: () => (damagedAt += 1),
  });
  return history;
}

interface Outcome {
  /** Events written that are not there. */
  lost: number;
  /** Events that notices say are gone. */
  told: number;
  /** Events whose words changed: nobody can see that from a file without checksums. */
  altered: number;
  gapless: boolean;
  sessions: number;
}

/** Compares what is served now with what was written. */
function outcomeOf({ store, log }: History): Outcome {
  const outcome: Outcome = { lost: 0, told: 0, altered: 0, gapless: true, sessions: 0 };
  for (const [id, before] of written) {
    if (log.state(id) === null) {
      outcome.lost += before.length;
      continue;
    }
    outcome.sessions += 1;
    const now = store.events(id, { limit: 2 * EVENTS });
    let next = 1;
    for (const event of now) {
      if ((event.from ?? event.seq) !== next) outcome.gapless = false;
      next = event.seq + 1;
      if (event.type === 'notice') outcome.told += event.seq - (event.from ?? event.seq) + 1;
      else if (event.type === 'session.created' && event.by === 'host') outcome.told += 1;
      else if (JSON.stringify(event) !== JSON.stringify(before[event.seq - 1]))
        outcome.altered += 1;
    }
    const there = new Set(now.filter((e) => e.type === 'agent.text').map((e) => e.seq));
    const created = now[0]?.type === 'session.created' && now[0].by !== 'host' ? 1 : 0;
    outcome.lost += before.length - there.size - created;
  }
  return outcome;
}

/** Opens, reads everything; damage met while it is open makes the host start again, as here. */
async function served(path: string): Promise<Outcome> {
  damagedAt = 0;
  try {
    return outcomeOf(await opened(path));
  } catch (error) {
    if (!(error instanceof StoreCorrupt) || damagedAt === 0) throw error;
  }
  history?.store.close();
  return outcomeOf(await opened(path));
}

function pagesOf(path: string, kind: number): number[] {
  const bytes = readFileSync(path);
  return Array.from({ length: bytes.length / PAGE_BYTES }, (_, i) => i).filter(
    (page) => bytes[page * PAGE_BYTES + (page === 0 ? 100 : 0)] === kind,
  );
}

function scribble(path: string, from: number, length: number, random: (below: number) => number) {
  const bytes = readFileSync(path);
  for (let i = from; i < Math.min(from + length, bytes.length); i += 1) bytes[i] = random(256);
  writeFileSync(path, bytes);
}

function expectServed(outcome: Outcome, { mostLost = 400, sessions = SESSIONS } = {}): void {
  expect(outcome).toMatchObject({ gapless: true, sessions });
  expect(outcome.lost).toBeLessThanOrEqual(mostLost);
  // What is gone is told, but for the newest of all: nothing may be left that knows of those.
  expect(outcome.told).toBeLessThanOrEqual(outcome.lost);
  expect(outcome.altered).toBeLessThanOrEqual(64);
}

describe('a damaged history is served as far as it can be read', () => {
  const kinds = { 'a leaf': 0x0d, 'an interior page': 0x05, 'an index page': 0x0a };
  for (const [name, kind] of Object.entries(kinds))
    for (let seed = 1; seed <= SEEDS; seed += 1)
      test(`${name} with bytes flipped or wiped, seed ${seed}`, async () => {
        const random = numbers(seed * 7_919);
        const path = copied('closed');
        const pages = pagesOf(path, kind);
        const page = pages[random(pages.length)] ?? 0;
        const [offset, length] =
          seed % 2 === 0 ? [0, PAGE_BYTES] : [random(PAGE_BYTES - 64), 1 + random(48)];
        scribble(path, page * PAGE_BYTES + offset, length, random);
        expectServed(await served(path));
      });

  test.each([
    ['the first 16 bytes', 0, 16],
    ['the whole header', 0, 100],
    ['the whole first page', 0, PAGE_BYTES],
  ])('%s', async (_, from, length) => {
    const path = copied('closed');
    scribble(path, from, length, numbers(3));
    expectServed(await served(path), { mostLost: 0 });
  });

  test('the file cut short', async () => {
    const path = copied('closed');
    const { length } = readFileSync(path);
    truncateSync(path, Math.floor(length * 0.7));
    const outcome = await served(path);
    expectServed(outcome, { mostLost: EVENTS * 0.4 });
    expect(outcome.lost).toBeGreaterThan(0);
  });

  test('the file cut to nothing: an empty history, and people are told', async () => {
    const path = copied('closed');
    truncateSync(path, 0);
    const { log, problem } = await opened(path);
    expect([log.states().size, problem]).toEqual([
      0,
      expect.stringContaining('Nothing in it could be read.'),
    ]);
  });

  for (let seed = 1; seed <= SEEDS; seed += 1)
    test(`the write-ahead log of a host that was killed, seed ${seed}`, async () => {
      const random = numbers(seed * 104_729);
      const path = copied('killed');
      const { length } = readFileSync(`${path}-wal`);
      expect(length).toBeGreaterThan(100 * PAGE_BYTES);
      const at = seed === 1 ? 0 : random(length * 0.9);
      scribble(`${path}-wal`, at, 16, random);
      expectServed(await served(path));
    });

  test('a page on which nothing depends changes nothing', async () => {
    const path = copied('killed');
    expect(await served(path)).toEqual({
      lost: 0,
      told: 0,
      altered: 0,
      gapless: true,
      sessions: SESSIONS,
    });
    expect(history?.problem).toBeNull();
  });

  test('says what is gone and where the damaged file is, until that is removed', async () => {
    const path = copied('closed');
    const leaf = pagesOf(path, 0x0d).at(-40) ?? 0;
    scribble(path, leaf * PAGE_BYTES, PAGE_BYTES, numbers(5));
    const before = readFileSync(path);
    const { lost } = await served(path);
    const epoch = history?.store.epoch;
    expect(lost).toBeGreaterThan(0);
    const aside = 'porchlight.db.damaged-20260314T092653Z';
    expect(history?.problem).toMatch(
      new RegExp(`\\b${lost} events are gone.*kept as ${aside}, beside the new one`, 'u'),
    );
    expect(readFileSync(join(folder, aside)).equals(before)).toBe(true);
    history?.store.close();
    await opened(path);
    expect([history?.problem === null, history?.store.epoch]).toEqual([false, epoch]);
    history?.store.close();
    rmSync(join(folder, aside));
    expect((await opened(path)).problem).toBeNull();
  });

  test('goes on with the next number, and with the agents whose history is whole', async () => {
    const path = copied('closed');
    const bytes = readFileSync(path);
    // A leaf of the eighth session, far from the first one, whose agent runs.
    const words = Buffer.from(`"sessionId":"${idOf(7)}"`);
    const page = Math.floor(bytes.indexOf(words) / PAGE_BYTES);
    scribble(path, page * PAGE_BYTES, 8, numbers(6));
    await served(path);
    const { store, log } = await opened(path);
    const seq = log.commit((tx) => tx.append(idOf(7), { type: 'agent.text', text: 'on' }).seq);
    expect([seq, store.instances().length, store.outbox(instance, 0).length]).toEqual([
      (written.get(idOf(7))?.length ?? 0) + 1,
      1,
      1,
    ]);
    expect(log.state(idOf(7))).toMatchObject({ agent: 'demo', cwd: '/home/ada/project' });
  });

  test('cut off between putting the old file aside and the new one in place, it ends that', async () => {
    const path = copied('closed');
    scribble(path, 0, 100, numbers(3));
    await opened(path);
    history?.store.close();
    const aside = join(folder, 'porchlight.db.damaged-20260314T092653Z');
    // As it is after the first of the two renames.
    copyFileSync(path, `${path}.salvaged`);
    rmSync(path);
    writeFileSync(`${path}.damage.json`, JSON.stringify({ why: 'x', aside }));
    expect((await opened(path)).log.states().size).toBe(SESSIONS);
  });

  test('a file of something else is refused and left as it is', async () => {
    folder = mkdtempSync(join(root, 'case-'));
    const path = join(folder, 'porchlight.db');
    writeFileSync(path, 'x'.repeat(20_000));
    await expect(opened(path)).rejects.toThrow(StoreCorrupt);
    expect(readFileSync(path, 'utf8')).toBe('x'.repeat(20_000));
  });
});
