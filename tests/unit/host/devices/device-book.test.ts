import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  DeviceBook,
  uniqueName,
  type BookChange,
} from '../../../../src/host/devices/device-book.ts';
import { MAX_DEVICES } from '../../../../src/protocol/devices.ts';

let folder: string;
let path: string;
let nowMs: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'book-'));
  path = join(folder, 'devices.json');
  nowMs = Date.UTC(2026, 0, 1);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => new DeviceBook({ path, now: () => new Date(nowMs) });
const key = (byte: number, length = 32) => Buffer.alloc(length, byte).toString('base64url');
const phone = (name = 'Pixel 9') => ({
  name,
  role: 'approver' as const,
  via: 'relay' as const,
  relay: 'own',
  publicKey: key(1),
  signingKey: key(4, 65),
  rootPsk: key(9),
});

test('what was paired is there for the next host, for this user alone', () => {
  const device = open().add(phone());
  expect({ all: open().all(), mode: statSync(path).mode & 0o777 }).toEqual({
    all: [device],
    mode: 0o600,
  });
});

test('nothing is written before there is a device', () => {
  const book = open();
  expect([book.all(), book.epoch, book.revoked, book.trouble]).toEqual([[], 0, [], null]);
  expect(() => statSync(path)).toThrow('ENOENT');
});

test('names are unique, one visible line, and never too long', () => {
  const others = [{ name: 'Pixel 9' }, { name: 'pixel 9 2' }, { name: 'x'.repeat(80) }];
  expect([
    uniqueName('Pixel 9', others),
    uniqueName('  Pi\u202Exel\n9 ', []),
    uniqueName('\u0000\u200B', []),
    uniqueName('x'.repeat(100), others),
    uniqueName('📱'.repeat(60), []).length,
    uniqueName(`x${'📱'.repeat(60)}`, []).length,
  ]).toEqual(['Pixel 9 3', 'Pi xel 9', 'Device', `${'x'.repeat(78)} 2`, 80, 79]);
});

test('a counter is good once, and only above what was confirmed, also for the next host', () => {
  const { id } = open().add(phone());
  const book = open();
  const before = [book.accepts(id, 0), book.accepts(id, 1), book.accepts(id, 5)];
  // Two connections at once may be confirmed in the other order.
  book.confirm(id, 5);
  book.confirm(id, 4);
  const next = open();
  expect({
    before,
    after: [4, 5, 6, Number.NaN, 2 ** 53].map((counter) => next.accepts(id, counter)),
    counter: next.find(id)?.counter,
  }).toEqual({
    before: [false, true, true],
    after: [false, false, true, false, false],
    counter: 5,
  });
});

test('a revoked device is gone from the disk with its secrets, and remembered by its id', () => {
  const book = open();
  const { id } = book.add(phone());
  const other = book.add({ ...phone('iPad'), rootPsk: key(8) });
  const changes: BookChange[] = [];
  book.changed.on((change) => changes.push(change));
  expect(book.revoke(id)).toEqual([id]);
  const text = readFileSync(path, 'utf8');
  expect({
    changes: changes.map(({ kind }) => kind),
    all: open().all(),
    revoked: open().revoked,
    confirmed: book.confirm(id, 9),
    accepted: book.accepts(id, 9),
    secret: text.includes(key(9)),
  }).toEqual({
    changes: ['revoked'],
    all: [other],
    revoked: [id],
    confirmed: false,
    accepted: false,
    secret: false,
  });
});

test('revoking all starts an epoch, in which earlier ids need not be kept', () => {
  const book = open();
  const first = book.add(phone());
  book.revoke(first.id);
  const second = book.add(phone());
  expect(book.revokeAll()).toEqual([second.id]);
  expect([open().epoch, open().revoked, open().all(), book.revokeAll()]).toEqual([1, [], [], []]);
  expect(book.add(phone()).epoch).toBe(1);
});

test('role and name change on disk, and an unknown device is named', () => {
  const book = open();
  const { id } = book.add(phone());
  book.add(phone('iPad'));
  book.setRole(id, 'viewer');
  expect(book.rename(id, 'ipad')).toEqual(open().find(id));
  expect(open().find(id)).toMatchObject({ role: 'viewer', name: 'ipad 2' });
  book.revoke(id);
  expect(() => book.setRole(id, 'viewer')).toThrow(`There is no device ${id}`);
});

test('when a device was seen is written once a minute at most', () => {
  const book = open();
  const { id } = book.add(phone());
  const seen = () => open().find(id)?.lastSeenAt;
  book.seen(id, new Date(nowMs));
  const first = seen();
  nowMs += 59_000;
  book.seen(id, new Date(nowMs));
  const within = seen();
  nowMs += 1_000;
  book.seen(id, new Date(nowMs));
  expect([first, within, seen()]).toEqual([
    '2026-01-01T00:00:00.000Z',
    '2026-01-01T00:00:00.000Z',
    '2026-01-01T00:01:00.000Z',
  ]);
});

test('there are only so many devices', () => {
  const book = open();
  for (let n = 0; n < MAX_DEVICES; n += 1) book.add(phone());
  expect(book.isFull).toBe(true);
  expect(() => book.add(phone())).toThrow('revoke one first');
});

test.each([
  ['open to others', () => chmodSync(path, 0o644), 'chmod 600'],
  ['damaged', () => writeFileSync(path, '{"version":1,'), 'is damaged'],
])('a book that is %s lets nobody in, says why, and is left as it is', (_, spoil, words) => {
  const { id } = open().add(phone());
  spoil();
  const text = readFileSync(path, 'utf8');
  const book = open();
  expect([book.find(id), book.accepts(id, 1), book.confirm(id, 1)]).toEqual([null, false, false]);
  expect(book.trouble).toContain(words);
  expect(() => book.add(phone())).toThrow(words);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a write that fails changes nothing', () => {
  const book = open();
  const { id } = book.add(phone());
  rmSync(folder, { recursive: true });
  expect(() => book.revoke(id)).toThrow('ENOENT');
  expect(book.find(id)).not.toBeNull();
});
