import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SplitLine } from '../../../src/base/line-splitter.ts';
import { Spool } from '../../../src/keeper/spool.ts';
import type { SpoolDamage } from '../../../src/keeper/spool-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (text: string): SplitLine => ({ kind: 'line', text });
const path = (): string => join(folder, 'spool-1');

/** Reads and acknowledges line by line until nothing is left. */
function drain(spool: Spool): unknown[] {
  const all: unknown[] = [];
  for (
    let next = spool.at(spool.ackedOffset + 1);
    next !== null;
    next = spool.at(spool.ackedOffset + 1)
  ) {
    all.push(next);
    spool.ack(next.offset);
  }
  return all;
}

describe('a spool', () => {
  it('numbers lines from 1 and frees the acknowledged ones', () => {
    const spool = new Spool(path(), { memoryBytes: 1_000, fileBytes: 1_000 });
    spool.append(line('a'));
    spool.append(line('b'));
    spool.ack(1);
    expect([spool.at(1), spool.at(2), spool.at(3), spool.lastOffset, spool.ackedOffset]).toEqual([
      null,
      { kind: 'line', text: 'b', offset: 2 },
      null,
      2,
      1,
    ]);
  });

  it('keeps what does not fit in memory in a private file, which is emptied and removed', () => {
    const spool = new Spool(path(), { memoryBytes: 200, fileBytes: 10_000 });
    const texts = Array.from({ length: 50 }, (_, index) => `${index} größer 🙂`);
    for (const text of texts) spool.append(line(text));
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(drain(spool)).toEqual(
      texts.map((text, index) => ({ kind: 'line', text, offset: index + 1 })),
    );
    expect(statSync(path()).size).toBe(0);
    spool.dispose();
    expect(existsSync(path())).toBe(false);
  });

  it('takes a line larger than its memory', () => {
    const spool = new Spool(path(), { memoryBytes: 100, fileBytes: 10_000 });
    for (const text of ['x'.repeat(500), 'y'.repeat(500), 'z']) spool.append(line(text));
    expect(drain(spool).length).toBe(3);
  });

  it('is full when the file is, until that was read', () => {
    const spool = new Spool(path(), { memoryBytes: 100, fileBytes: 300 });
    while (!spool.isFull) spool.append(line('x'.repeat(30)));
    const held = spool.lastOffset;
    spool.ack(1);
    const stillFull = spool.isFull;
    drain(spool);
    expect([held > 3, stillFull, spool.isFull, spool.ackedOffset]).toEqual([
      true,
      true,
      false,
      held,
    ]);
  });

  it('loses nothing and is full when there is no room on the disk', () => {
    const spool = new Spool(join(folder, 'missing', 'spool-1'), {
      memoryBytes: 100,
      fileBytes: 1_000,
    });
    for (let n = 1; n <= 10; n++) spool.append(line(`${n}`));
    const wasFull = spool.isFull;
    expect([wasFull, drain(spool).length, spool.isFull]).toEqual([true, 10, false]);
  });

  it('does not acknowledge what was never there, and ignores an old acknowledgement', () => {
    const spool = new Spool(path(), { memoryBytes: 100, fileBytes: 1_000 });
    for (let n = 1; n <= 20; n++) spool.append(line(`${n}`));
    spool.ack(15);
    spool.ack(3);
    const after15 = spool.at(16);
    spool.ack(1_000);
    expect([after15, spool.ackedOffset, spool.at(21)]).toEqual([
      { kind: 'line', text: '16', offset: 16 },
      20,
      null,
    ]);
  });

  it('behaves as a plain list does, whatever is appended and acknowledged in between', () => {
    const appended: fc.Arbitrary<SplitLine> = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }).map(line),
      fc.nat().map((bytes): SplitLine => ({ kind: 'oversize', bytes })),
    );
    const step = fc.oneof(
      appended.map((add) => ({ add })),
      fc.nat({ max: 12 }).map((ack) => ({ ack })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const spool = new Spool(path(), { memoryBytes: 300, fileBytes: 1_500 });
        const model: unknown[] = [];
        for (const one of steps) {
          if ('add' in one) {
            model.push({ ...one.add, offset: model.length + 1 });
            spool.append(one.add);
          } else
            for (let n = 0; n < one.ack && spool.at(spool.ackedOffset + 1) !== null; n++) {
              expect(spool.at(spool.ackedOffset + 1)).toEqual(model[spool.ackedOffset]);
              spool.ack(spool.ackedOffset + 1);
            }
        }
        const acked = spool.ackedOffset;
        expect([...model.slice(0, acked), ...drain(spool)]).toEqual(model);
        spool.dispose();
      }),
    );
  });
});

describe('a spool whose file is damaged', () => {
  const LOST = 'lost';
  /** Lines 1 to 3 in memory, the others on disk, 40 bytes of text each. */
  const filled = (count = 20): { spool: Spool; damages: SpoolDamage[] } => {
    const damages: SpoolDamage[] = [];
    const spool = new Spool(path(), { memoryBytes: 320, fileBytes: 100_000 }, (damage) =>
      damages.push(damage),
    );
    for (let n = 1; n <= count; n++) spool.append(line(`${n}`.padEnd(40, '.')));
    return { spool, damages };
  };
  /** Overwrites behind the spool's back. */
  const scribble = (at: number, bytes: Buffer): void => {
    const file = openSync(path(), 'r+');
    writeSync(file, bytes, 0, bytes.length, at);
    closeSync(file);
  };
  const texts = (spool: Spool): (string | number)[] =>
    drain(spool).map((each) => {
      const held = each as SplitLine & { offset: number };
      if (held.kind === 'oversize') return LOST;
      expect(Number.parseInt(held.text, 10)).toBe(held.offset);
      return held.offset;
    });
  const all = (lost: readonly number[], count = 20): (string | number)[] =>
    Array.from({ length: count }, (_, at) => (lost.includes(at + 1) ? LOST : at + 1));
  const RECORD = 63;

  it('loses one line for a flipped bit in it, and serves the rest', () => {
    const { spool, damages } = filled();
    scribble(2 * RECORD + 30, Buffer.from('x'));
    expect(texts(spool)).toEqual(all([6]));
    expect(damages).toEqual([
      {
        path: path(),
        from: 2 * RECORD,
        to: 3 * RECORD,
        lostLines: 1,
        bytes: expect.objectContaining({ length: RECORD }),
      },
    ]);
  });

  it.each([0, 4, 8, 14, 15, 19])(
    'loses one line for a wrong byte %d of its header, whatever it says then',
    (at) => {
      for (const byte of [0, 1, 0x7f, 0xfe]) {
        const { spool, damages } = filled();
        const was = readFileSync(path())[RECORD + at];
        scribble(RECORD + at, Buffer.from([byte]));
        expect(texts(spool)).toEqual(all(was === byte ? [] : [5]));
        expect(damages.length).toBe(was === byte ? 0 : 1);
        spool.dispose();
      }
    },
  );

  it('loses what a truncated file no longer holds, and goes on with what comes later', () => {
    const { spool } = filled();
    truncateSync(path(), 5 * RECORD + 10);
    spool.append(line('21'.padEnd(40, '.')));
    expect(texts(spool)).toEqual(
      all(
        Array.from({ length: 12 }, (_, n) => n + 9),
        21,
      ),
    );
    spool.append(line('22'.padEnd(40, '.')));
    expect(texts(spool)).toEqual([22]);
  });

  it('serves all from a file that was deleted, and loses all from one that was emptied', () => {
    const deleted = filled();
    rmSync(path());
    expect(texts(deleted.spool)).toEqual(all([]));
    const emptied = filled();
    writeFileSync(path(), '');
    expect(texts(emptied.spool)).toEqual(all(Array.from({ length: 17 }, (_, n) => n + 4)));
  });

  it('takes no line from before for one that is to come', () => {
    const { spool } = filled();
    const record = readFileSync(path()).subarray(RECORD, 2 * RECORD);
    scribble(4 * RECORD, record);
    expect(texts(spool)).toEqual(all([8]));
  });

  it('never throws, and gives each number once, whatever is written over its file', () => {
    const wound = fc.record({
      at: fc.nat({ max: 20 * RECORD }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 3 * RECORD }),
    });
    fc.assert(
      fc.property(
        fc.array(wound, { maxLength: 4 }),
        fc.option(fc.nat({ max: 1_100 })),
        (wounds, cut) => {
          const { spool } = filled();
          for (const { at, bytes } of wounds) scribble(at, Buffer.from(bytes));
          if (cut !== null) {
            const file = openSync(path(), 'r+');
            ftruncateSync(file, cut);
            closeSync(file);
          }
          const got = texts(spool);
          expect([got.length, spool.ackedOffset, spool.isFull]).toEqual([20, 20, false]);
          spool.dispose();
        },
      ),
    );
  });
});
