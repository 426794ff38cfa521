import { expect, test } from 'vitest';
import { AuditWatch, type KeptHead } from '../../../../src/connection/device/audit-watch.ts';
import type { AuditHead } from '../../../../src/protocol/audit.ts';

const hashOf = (n: number, branch = 'a'): string => `${branch}${n}`.padEnd(64, '0');
const head = (n: number, branch = 'a'): AuditHead => ({ n, hash: hashOf(n, branch) });

/** A host's log, and a phone that comes and goes. */
function setUp() {
  let log: AuditHead[] = [];
  let stored: KeptHead | null = null;
  let nowMs = 1_000;
  const bench = {
    asked: [] as number[],
    isSilent: false,
    get stored() {
      return stored;
    },
    write: (until: number, branch = 'a', from = 1) => {
      log = [...log.filter(({ n }) => n < from)];
      for (let n = log.length + 1; n <= until; n += 1) log.push(head(n, branch));
    },
    /** A page is opened, is told the newest entry, and is closed again. */
    sync: async (): Promise<AuditWatch> => {
      nowMs += 1_000;
      const watch = new AuditWatch({
        store: {
          load: async () => stored,
          save: async (kept) => void (stored = kept),
        },
        ask: async (n) => {
          bench.asked.push(n);
          if (bench.isSilent) throw new Error('No answer.');
          return log.find((entry) => entry.n === n) ?? null;
        },
        nowMs: () => nowMs,
      });
      watch.named(log.at(-1) ?? null);
      await watch.settled();
      return watch;
    },
  };
  return bench;
}

test('a log that only grows is kept at its newest entry, after one question', async () => {
  const bench = setUp();
  await bench.sync();
  expect(bench.stored).toBeNull();
  bench.write(3);
  await bench.sync();
  expect(bench.stored).toEqual({ head: head(3), atMs: 3_000, trouble: null });
  await bench.sync();
  bench.write(7);
  await bench.sync();
  expect([bench.stored, bench.asked]).toEqual([{ head: head(7), atMs: 5_000, trouble: null }, [3]]);
});

test.each<
  [
    string,
    (bench: ReturnType<typeof setUp>) => void,
    newest: AuditHead | null,
    says: AuditHead | null,
  ]
>([
  ['whose end was cut off', (bench) => bench.write(3, 'a', 4), head(3), null],
  ['that is gone', (bench) => bench.write(0, 'a', 1), null, null],
  [
    'that was written anew to the same length',
    (bench) => bench.write(5, 'b', 4),
    head(5, 'b'),
    head(5, 'b'),
  ],
  [
    'that was written anew and went on',
    (bench) => bench.write(9, 'b', 4),
    head(9, 'b'),
    head(5, 'b'),
  ],
])(
  'a log %s is told, and what was seen is kept until the person puts it away',
  async (_, tamper, newest, says) => {
    const bench = setUp();
    bench.write(5);
    await bench.sync();
    tamper(bench);
    await bench.sync();
    const found = { head: head(5), atMs: 2_000, trouble: { foundAtMs: 3_000, newest, says } };
    expect(bench.stored).toEqual(found);
    // It goes on as if nothing had been.
    bench.write(20, 'b', 20);
    const watch = await bench.sync();
    expect([bench.stored, watch.kept]).toEqual([found, found]);
    await watch.dismiss();
    expect(bench.stored).toMatchObject({ head: { n: 20 }, trouble: null });
    await bench.sync();
    expect(bench.stored).toMatchObject({ head: { n: 20 }, trouble: null });
  },
);

test('a host that does not answer is asked again with the next entry, and nothing is forgotten', async () => {
  const bench = setUp();
  bench.write(5);
  await bench.sync();
  bench.write(8, 'b', 4);
  bench.isSilent = true;
  await bench.sync();
  expect(bench.stored).toEqual({ head: head(5), atMs: 2_000, trouble: null });
  bench.isSilent = false;
  await bench.sync();
  expect(bench.stored?.trouble?.says).toEqual(head(5, 'b'));
});

test('a host that names none is an older one: nothing is compared', async () => {
  const bench = setUp();
  bench.write(5);
  const watch = await bench.sync();
  watch.named(undefined);
  await watch.settled();
  expect(bench.stored?.trouble).toBeNull();
});
