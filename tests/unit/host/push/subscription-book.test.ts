import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SubscriptionBook } from '../../../../src/host/push/subscription-book.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';

const [a, b] = ['A', 'B'].map((letter) => deviceIdSchema.parse(letter.repeat(22)));
if (a === undefined || b === undefined) throw new Error('no ids');
const keys = { p256dh: 'p'.repeat(87), auth: 'a'.repeat(22) };
const endpoint = (name: string) => ({ endpoint: `https://push.example.com/${name}`, keys });

let folder: string;
let path: string;
let nowMs = 0;
let book: SubscriptionBook;
const open = () => new SubscriptionBook({ path, now: () => new Date(nowMs) });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'subscriptions-'));
  path = join(folder, 'push.json');
  nowMs = Date.parse('2026-03-01T10:00:00Z');
  book = open();
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (device: typeof a, name: string, expirationTime: number | null = null) =>
  book.put({
    ...{ device, subscription: { ...endpoint(name), expirationTime } },
    ...{ serverKey: 'k', actions: true, silent: true },
  });

describe('where devices are pushed to', () => {
  it('makes no file before a device asks, and keeps what was asked over a restart', () => {
    expect([book.stateOf(a), existsSync(path)]).toEqual([null, false]);
    put(a, 'one');
    expect([statSync(path).mode & 0o777, open().stateOf(a)]).toEqual([
      0o600,
      {
        ...{ state: 'on', since: '2026-03-01T10:00:00.000Z', lastAt: null, problem: null },
        service: 'push.example.com',
      },
    ]);
  });

  it('fails, is well again, and ends; each is told once', () => {
    put(a, 'one');
    const told: string[] = [];
    book.changed.on((device) => told.push(book.stateOf(device)?.state ?? 'none'));
    nowMs += 1_000;
    book.failed(a, 'no');
    book.failed(a, 'no');
    nowMs += 1_000;
    book.handed(a, nowMs);
    book.handed(a, nowMs + 500);
    book.ended(a, 'gone');
    expect([told, book.live(a), open().stateOf(a)]).toEqual([
      ['failing', 'on', 'off'],
      null,
      {
        ...{ state: 'off', since: '2026-03-01T10:00:02.000Z', problem: 'gone', service: null },
        lastAt: '2026-03-01T10:00:02.500Z',
      },
    ]);
  });

  it('takes a browser that was paired anew from the device that it was', () => {
    put(a, 'one');
    put(b, 'one');
    put(b, 'two');
    expect([book.find(a), book.live(b)?.subscription.endpoint, book.all().length]).toEqual([
      null,
      'https://push.example.com/two',
      1,
    ]);
  });

  it('asks nothing of one that has run out', () => {
    put(a, 'one', nowMs + 1_000);
    const before = book.live(a) !== null;
    nowMs += 1_000;
    expect([before, book.live(a), book.stateOf(a)?.state]).toEqual([true, null, 'off']);
  });

  it('ends what was made for another key of this host', () => {
    put(a, 'one');
    book.keepOnly('k');
    const before = book.live(a) !== null;
    book.keepOnly('another');
    expect([before, book.stateOf(a)?.state]).toEqual([true, 'off']);
  });

  it('leaves nothing of a device that is revoked', () => {
    put(a, 'one');
    put(b, 'two');
    book.remove([a]);
    expect([readFileSync(path, 'utf8').includes('/one'), open().all().length]).toEqual([false, 1]);
  });

  it('is as none where others could have read it, says so, and leaves the file alone', () => {
    put(a, 'one');
    chmodSync(path, 0o644);
    const text = readFileSync(path, 'utf8');
    const other = open();
    expect([other.all(), other.trouble]).toEqual([[], expect.stringContaining('open to other')]);
    expect(() =>
      other.put({
        ...{ device: b, subscription: endpoint('two'), serverKey: 'k' },
        ...{ actions: true, silent: true },
      }),
    ).toThrow('open to other');
    other.remove([a]);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});
