import { rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditHash, isSignedBy, NO_ENTRY, publicKeyOf } from '../../../../src/local/audit/chain.ts';
import type { AuditEntry } from '../../../../src/protocol/audit.ts';
import { auditHome, type AuditHome } from './support.ts';

let home: AuditHome;
beforeEach(() => void (home = auditHome()));
afterEach(() => home.end());

/** Which of the keys that the log names signed the entry; -1: none of them. */
function signerOf({ hash, signature }: AuditEntry): number {
  const keys = home.entries().flatMap(({ what }) => publicKeyOf(what['publicKey']) ?? []);
  return keys.findIndex((key) => isSignedBy(key, hash, signature));
}

test('the first entry begins the log and names its key; each names the hash of the one before', () => {
  home.note(2);
  const entries = home.entries();
  expect(entries.map(({ n, kind }) => [n, kind])).toEqual([
    [1, 'begun'],
    [2, 'decided'],
    [3, 'decided'],
  ]);
  expect(entries.map(({ previous }) => previous)).toEqual([
    NO_ENTRY,
    ...entries.slice(0, -1).map(({ hash }) => hash),
  ]);
  for (const entry of entries) {
    const { hash, signature: _, ...rest } = entry;
    expect(auditHash(rest)).toBe(hash);
    expect(signerOf(entry)).toBe(0);
  }
  expect(entries[0]?.what).toEqual({ publicKey: expect.any(String), epoch: home.store.epoch });
  expect(home.trail.head).toEqual({ n: 3, hash: entries[2]?.hash });
});

test('an entry is there with the transaction that it tells of, or not at all', () => {
  home.note();
  const before = home.entries();
  expect(() =>
    home.log.commit((tx) => {
      home.trail.append(tx, { kind: 'decided', who: { surface: 'cli' }, what: {} });
      throw new Error('the work failed');
    }),
  ).toThrow('the work failed');
  expect(home.entries()).toEqual(before);
  home.note();
  expect(home.entries().map(({ n }) => n)).toEqual([1, 2, 3]);
});

test('goes on where it stopped after a restart, with the same key, which only its user can read', () => {
  home.note();
  home.reopen();
  home.note();
  expect(home.entries().map((entry) => [entry.n, entry.kind, signerOf(entry)])).toEqual([
    [1, 'begun', 0],
    [2, 'decided', 0],
    [3, 'decided', 0],
  ]);
  expect(statSync(home.keyPath).mode & 0o777).toBe(0o600);
});

test('another key is named by an entry that the one before signs, and the old one is forgotten', () => {
  home.note();
  const head = home.trail.changeKey({ surface: 'cli' });
  home.note();
  home.reopen();
  home.note();
  expect(home.entries().map((entry) => [entry.n, entry.kind, signerOf(entry)])).toEqual([
    [1, 'begun', 0],
    [2, 'decided', 0],
    [3, 'keyChanged', 0],
    [4, 'decided', 1],
    [5, 'decided', 1],
  ]);
  expect(head.n).toBe(3);
});

test.each([
  ['is gone', (path: string) => rmSync(path)],
  ['is damaged', (path: string) => writeFileSync(path, '{"version":1,"keys":["', { mode: 0o600 })],
])('where the file of the key %s the log goes on under another one and says so', (_, harm) => {
  home.note();
  harm(home.keyPath);
  home.reopen();
  home.note();
  home.reopen();
  home.note();
  const entries = home.entries();
  expect(entries.map((entry) => [entry.n, entry.kind, signerOf(entry)])).toEqual([
    [1, 'begun', 0],
    [2, 'decided', 0],
    [3, 'keyChanged', 1],
    [4, 'decided', 1],
    [5, 'decided', 1],
  ]);
  expect(entries[2]?.what).toMatchObject({ lost: true });
});

test('takes whatever it is given: halves of characters, depths, numbers and sizes that JSON has not', () => {
  let deep: unknown = 'deep';
  for (let i = 0; i < 400; i += 1) deep = [deep];
  const what = {
    ...{ half: 'a\uD800b', nan: Number.NaN, deep, ['\uDC00']: 1, gone: undefined },
    ...{ holes: [undefined, () => 1], big: 'x'.repeat(1024 * 1024) },
  };
  home.log.commit((tx) =>
    home.trail.append(tx, { kind: 'decided', who: { surface: 'c\uD800' }, what }),
  );
  const entry = home.entries()[1];
  expect(entry).toMatchObject({
    who: { surface: 'c\uFFFD' },
    what: {
      ...{ half: 'a\uFFFDb', nan: 'NaN', '\uFFFD': 1, holes: [null, null] },
      big: { characters: 1024 * 1024 + 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) },
    },
  });
  if (entry === undefined) throw new Error('no entry');
  const { hash, signature: _, ...rest } = entry;
  expect(auditHash(rest)).toBe(hash);
});

test('tells of a new head once it is durable, and not of one that was undone', () => {
  const heads: number[] = [];
  home.trail.changed.on(({ n }) => heads.push(n));
  home.note();
  expect(() =>
    home.log.commit((tx) => {
      home.trail.append(tx, { kind: 'decided', who: { surface: 'cli' }, what: {} });
      throw new Error('undone');
    }),
  ).toThrow('undone');
  home.note();
  expect(heads).toEqual([2, 3]);
});
