import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../src/relay/clock.ts';
import { FileStore } from '../../../../src/relay/notes/file-store.ts';
import { JOURNAL_HEAD, readJournal } from '../../../../src/relay/notes/journal-line.ts';
import { RelayClock } from '../../../support/relay-clock.ts';

let folder: string;
let path: string;
const stores: FileStore[] = [];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'porchlight-notes-')), 'notes');
  path = join(folder, 'notes.journal');
});
afterEach(async () => {
  for (const each of stores.splice(0)) await each.close().catch(() => {});
  rmSync(join(folder, '..'), { recursive: true });
});

const store = () => new FileStore(folder, systemClock, () => {});
async function opened(of = store()) {
  stores.push(of);
  const { kept, damaged } = await of.open();
  return { of, kept: Object.fromEntries(kept), damaged };
}

test('folder and journal are their owner’s alone', async () => {
  const { of } = await opened();
  of.put('note.a.1', '1');
  await of.close();
  expect([statSync(folder).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('a torn tail is passed over, and what follows it later is kept', async () => {
  const { of } = await opened();
  of.put('note.a.1', '{"a":1}');
  of.put('note.a.2', '{"a":2}');
  await of.close();
  const whole = readFileSync(path);
  for (const cut of [2, 5, 12, 20]) {
    writeFileSync(path, whole.subarray(0, whole.length - cut));
    const again = await opened();
    expect([again.damaged, again.kept]).toEqual([1, { 'note.a.1': '{"a":1}' }]);
    again.of.put('note.a.3', '3');
    await again.of.close();
    const third = await opened();
    expect([third.damaged, third.kept]).toEqual([0, { 'note.a.1': '{"a":1}', 'note.a.3': '3' }]);
    await third.of.close();
  }
});

test('a damaged line in the middle costs that line alone', async () => {
  const { of } = await opened();
  for (const n of [1, 2, 3]) of.put(`note.a.${n}`, `{"n":${n}}`);
  await of.close();
  writeFileSync(path, readFileSync(path, 'utf8').replace('{"n":2}', '{"n":9}'));
  appendFileSync(path, '\0\0\0\0\n');
  const { kept, damaged, of: again } = await opened();
  expect([damaged, kept]).toEqual([2, { 'note.a.1': '{"n":1}', 'note.a.3': '{"n":3}' }]);
  await again.close();
});

test('a journal of another version is refused in words, and left as it is', async () => {
  const { of } = await opened();
  await of.close();
  writeFileSync(path, 'porchlight notes 2\nwhatever that means\n');
  await expect(store().open()).rejects.toThrow(/not of this version.*move the file away/u);
  expect(readFileSync(path, 'utf8')).toBe('porchlight notes 2\nwhatever that means\n');
});

test('renewals without end leave a journal of bounded length', async () => {
  const { of } = await opened();
  const text = JSON.stringify('x'.repeat(1_000));
  for (let round = 0; round < 200; round += 1) {
    for (let n = 0; n < 100; n += 1) of.put(`note.a.${n}`, text);
    await of.durable();
  }
  // 20 MB were put.
  expect(statSync(path).size).toBeLessThan(5 * 1024 * 1024);
  await of.close();
});

test('what nobody waits for is written within a second, all of it by one write', async () => {
  const clock = new RelayClock();
  const { of } = await opened(new FileStore(folder, clock, () => {}));
  for (let n = 0; n < 1_000; n += 1) of.put(`note.a.${n}`, '1');
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(2);
  clock.pass(1_000);
  await expect.poll(() => readFileSync(path, 'utf8').split('\n').length).toBe(1_002);
  await of.close();
});

test('a journal that was removed under it is made anew, whole', async () => {
  const { of } = await opened();
  of.put('note.a.1', '1');
  await of.durable();
  rmSync(path);
  of.put('note.a.2', '2');
  await of.durable();
  await of.close();
  expect((await opened()).kept).toEqual({ 'note.a.1': '1', 'note.a.2': '2' });
});

test('a folder that another relay has taken is written to no more', async () => {
  const first = await opened();
  const second = await opened();
  second.of.put('note.b.1', '2');
  await second.of.durable();
  first.of.put('note.a.1', '1');
  await expect(first.of.durable()).rejects.toThrow('another relay has taken the folder');
  await expect(first.of.durable()).rejects.toThrow('Another relay');
  await expect(first.of.close()).rejects.toThrow('Another relay');
  await second.of.close();
  expect((await opened()).kept).toEqual({ 'note.b.1': '2' });
});

test('a write that fails is told, and made up for by the next', async () => {
  const { of } = await opened();
  of.put('note.a.1', '1');
  await of.durable();
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'in the way');
  of.put('note.a.2', '2');
  await expect(of.durable()).rejects.toThrow(/notes cannot be written/u);
  rmSync(folder);
  mkdirSync(folder);
  await of.durable();
  await of.close();
  expect((await opened()).kept).toEqual({ 'note.a.1': '1', 'note.a.2': '2' });
});

test('whatever bytes are changed, cut out or put in, only what was written is read', async () => {
  const { of } = await opened();
  const put = new Map(Array.from({ length: 30 }, (_, n) => [`note.a.${n}`, `{"n":${n},"ä":"😀"}`]));
  for (const [key, text] of put) of.put(key, text);
  await of.close();
  const whole = readFileSync(path);
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 400; round += 1) {
    const at = JOURNAL_HEAD.length + random(whole.length - JOURNAL_HEAD.length);
    const noise = Buffer.from(Array.from({ length: random(4) }, () => random(256)));
    const rest = whole.subarray(at + random(6));
    const { kept, head } = readJournal(Buffer.concat([whole.subarray(0, at), noise, rest]));
    expect([head, [...kept].filter(([key, text]) => put.get(key) !== text)]).toEqual([null, []]);
    expect(kept.size).toBeGreaterThanOrEqual(put.size - 2);
  }
});
