import { expect, test } from 'vitest';
import { auditHash, AuditSigner, NO_ENTRY } from '../../../../src/local/audit/chain.ts';
import { verifyAudit } from '../../../../src/local/audit/verify.ts';
import type { AuditEntry } from '../../../../src/protocol/audit.ts';
import { cases } from '../../../support/cases.ts';

const at = '2026-01-01T00:00:00.000Z';
const who = { surface: 'cli', person: 'ada' };

function signed(rest: Omit<AuditEntry, 'hash' | 'signature'>, signer: AuditSigner): AuditEntry {
  const hash = auditHash(rest);
  return { ...rest, hash, signature: signer.sign(hash) };
}

const first = AuditSigner.make();
const second = AuditSigner.make();
const LENGTH = 9;
const CHANGED_AT = 5;

/** 1 begins, 5 names another key, the others tell of decisions. */
function log({ lost = false } = {}): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let n = 1; n <= LENGTH; n += 1) {
    const previous = entries.at(-1)?.hash ?? NO_ENTRY;
    const base = { n, at, who, previous };
    const signer = n > CHANGED_AT || (lost && n === CHANGED_AT) ? second : first;
    const kind = n === 1 ? 'begun' : n === CHANGED_AT ? 'keyChanged' : 'decided';
    const what =
      n === 1
        ? { publicKey: first.publicKey, epoch: 'e' }
        : n === CHANGED_AT
          ? { publicKey: second.publicKey, lost }
          : { approval: `a_${n}`, allowed: true, deep: [{ list: [1, 2] }] };
    entries.push(signed({ ...base, kind, what }, signer));
  }
  return entries;
}

const whole = log();
const headOf = (entries: readonly AuditEntry[]) => {
  const last = entries.at(-1);
  return last === undefined ? null : { n: last.n, hash: last.hash };
};

async function verdict(entries: readonly unknown[], head = headOf(whole), pageSize = 4) {
  const texts = entries.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry)));
  const pages = [];
  for (let from = 0; from < texts.length; from += pageSize)
    pages.push(texts.slice(from, from + pageSize));
  return await verifyAudit(pages, head ?? undefined);
}

async function brokenAt(entries: readonly unknown[], head = headOf(whole)) {
  const { ok, brokenAt: n } = await verdict(entries, head);
  return ok ? 'holds' : n;
}

test('a log that nobody touched holds, over a change of its key and whatever the pages', async () => {
  for (const size of [1, 2, 3, 5, 100])
    expect(await verdict(whole, headOf(whole), size)).toEqual({
      ...{ ok: true, entries: LENGTH, brokenAt: null, why: null, head: headOf(whole) },
    });
  for (const kept of whole) expect(await brokenAt(whole, headOf([kept]))).toBe('holds');
  expect(await verdict([], null)).toEqual({
    ...{ ok: true, entries: 0, brokenAt: null, why: null, head: null },
  });
});

/** Each value of JSON below `value` in turn: changed, and taken away. */
function* mutations(value: unknown): Generator<unknown> {
  if (typeof value === 'string') {
    yield `${value}x`;
    yield value.slice(1);
    for (let i = 0; i < value.length; i += 1) {
      const code = value.charCodeAt(i);
      yield value.slice(0, i) + String.fromCharCode(code ^ 1) + value.slice(i + 1);
    }
  } else if (typeof value === 'number') {
    yield value + 1;
    yield -value;
    yield String(value);
  } else if (typeof value === 'boolean') yield !value;
  else if (Array.isArray(value)) {
    yield [...value, 0];
    for (let i = 0; i < value.length; i += 1) {
      yield value.toSpliced(i, 1);
      for (const changed of mutations(value[i])) yield value.with(i, changed);
    }
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, put: 'in' };
    for (const [name, member] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
      yield { ...value, [name]: null };
      for (const changed of mutations(member)) yield { ...value, [name]: changed };
    }
  }
}

test('any change of any field of any entry is found where it is', async () => {
  let tried = 0;
  const step = cases(4, 1);
  for (const [i, entry] of whole.entries())
    for (const changed of i % step === 0 ? mutations(entry) : []) {
      tried += 1;
      const found = await brokenAt(whole.with(i, changed as AuditEntry));
      if (found !== i + 1)
        expect.fail(`entry ${i + 1} as ${JSON.stringify(changed)} gives ${String(found)}`);
    }
  expect(tried).toBeGreaterThan(cases(600, 2_500));
});

test('a change that its hash was made for anew is found by its signature', async () => {
  for (const [i, entry] of whole.entries()) {
    const { hash: _, signature, ...rest } = { ...entry, at: '2026-01-02T00:00:00.000Z' };
    const faked = { ...rest, hash: auditHash(rest), signature };
    expect(await brokenAt(whole.with(i, faked))).toBe(i + 1);
  }
});

test('an entry taken out, put in, doubled or moved is found where the order ends', async () => {
  for (let i = 0; i < LENGTH; i += 1) {
    const isLast = i === LENGTH - 1;
    const entry = whole[i];
    expect(await brokenAt(whole.toSpliced(i, 1))).toBe(isLast ? null : i + 1);
    if (entry !== undefined) expect(await brokenAt(whole.toSpliced(i, 0, entry))).toBe(i + 2);
    for (let j = i + 1; j < LENGTH; j += 1) {
      const [a, b] = [whole[i], whole[j]];
      if (a !== undefined && b !== undefined)
        expect(await brokenAt(whole.with(i, b).with(j, a))).toBe(i + 1);
    }
  }
});

test('entries that somebody else signs are found, also with the hashes behind them made anew', async () => {
  const other = AuditSigner.make();
  for (let from = 0; from < LENGTH; from += 1) {
    const forged: AuditEntry[] = whole.slice(0, from);
    for (const entry of whole.slice(from)) {
      const { hash: _, signature: __, ...rest } = entry;
      const previous = forged.at(-1)?.hash ?? NO_ENTRY;
      forged.push(signed({ ...rest, previous, who: { surface: 'window' } }, other));
    }
    expect(await brokenAt(forged)).toBe(from + 1);
  }
});

test('a log made anew from its beginning by somebody holds by itself, and is found by a head', async () => {
  const other = AuditSigner.make();
  const forged: AuditEntry[] = [];
  for (const { n, kind } of whole) {
    const previous = forged.at(-1)?.hash ?? NO_ENTRY;
    const what = n === 1 || kind === 'keyChanged' ? { publicKey: other.publicKey } : {};
    forged.push(signed({ n, at, who, kind, what, previous }, other));
  }
  expect(await brokenAt(forged, null)).toBe('holds');
  for (const kept of whole) expect(await brokenAt(forged, headOf([kept]))).toBe(kept.n);
});

test('a cut end is found by a head, and only by that', async () => {
  for (let length = 0; length < LENGTH; length += 1) {
    const cut = whole.slice(0, length);
    expect(await brokenAt(cut, null)).toBe('holds');
    const { ok, brokenAt: n, why, head } = await verdict(cut);
    expect({ ok, n, head }).toEqual({ ok: false, n: null, head: headOf(cut) });
    expect(why).toContain('The end is missing: entry 9 was seen elsewhere');
  }
});

test('a key that the one before has not signed is a break that names its moment; what follows must still hold', async () => {
  const lost = log({ lost: true });
  expect(await verdict(lost, headOf(lost))).toEqual({
    ...{ ok: false, entries: LENGTH, brokenAt: CHANGED_AT, head: headOf(lost) },
    why: expect.stringContaining(`Entry 5 of ${at} names another key`),
  });
  const both = await verdict(lost.with(6, { ...(lost[6] as AuditEntry), at: 'then' }), null);
  expect(both).toMatchObject({ ok: false, brokenAt: CHANGED_AT });
  expect(both.why).toContain('Entry 7 was changed');
});

test('says of a restored copy that it was one, where a head shows that entries are gone', async () => {
  const last = whole.at(-1)?.hash ?? NO_ENTRY;
  const what = { epoch: 'f' };
  const restored = signed({ n: 10, at, who, kind: 'restored', what, previous: last }, second);
  const { why } = await verdict([...whole, restored], { n: 12, hash: 'a'.repeat(64) });
  expect(why).toContain('2 entries or more are gone');
  expect(why).toContain('the home was restored from a copy');
});

test.each([
  ['', 'nothing'],
  ['{"n":1', 'half of one'],
  ['[]', 'a list'],
  ['{"n":1,"__proto__":{"n":2}}', 'a prototype'],
  [JSON.stringify(whole[0]).replace('"epoch":"e"', '"epoch":1e400'), 'a number that is none'],
  ['['.repeat(100_000), 'depths'],
])('what is no entry breaks the log there: %#', async (text) => {
  expect(await verdict([text, ...whole.slice(1)])).toMatchObject({ ok: false, brokenAt: 1 });
  expect(await verdict([...whole.slice(0, 6), text])).toMatchObject({
    ...{ ok: false, brokenAt: 7, entries: 7, head: headOf(whole.slice(0, 6)) },
  });
});
