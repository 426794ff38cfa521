import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeeperUnderTest, until } from './keeper-under-test.ts';

let keeper: KeeperUnderTest;
let keeperPid = 0;

beforeEach(async () => {
  keeper = new KeeperUnderTest();
  keeperPid = (await keeper.start()).pid ?? 0;
});
afterEach(async () => await keeper.close());

function residentMiB(pid: number): number {
  return (
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  );
}

describe('lines through the keeper', { timeout: 60_000 }, () => {
  it('come exactly once when the host is cut off again and again in mid-stream', async () => {
    const count = 20_000;
    const seen: number[] = [];
    let host = await keeper.connect();
    await host.link.spawn(keeper.spec('i_flood', 'count', String(count)));
    for (let cut = 1; seen.length < count; cut++) {
      let committed = seen.length;
      const goal = Math.min(count, cut * 4_000 + 1);
      const mine = host;
      mine.link.notices.on((notice) => {
        if (notice.tell !== 'line' || notice.offset !== committed + 1 || committed >= goal) return;
        seen.push(Number(notice.line.slice('line:'.length)));
        committed = notice.offset;
        if (committed % 100 === 0) mine.link.ack('i_flood', committed);
      });
      await host.link.attach('i_flood', committed);
      await until(() => seen.length >= goal, `${goal} lines`);
      host.link.close();
      host = await keeper.connect();
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  });

  it('wait with bounded memory when the host does not acknowledge, and all come afterwards', async () => {
    const count = 100_000;
    const host = await keeper.connect();
    const before = residentMiB(keeperPid);
    await host.link.spawn(keeper.spec('i_slow', 'count', String(count), '400'));
    await host.link.attach('i_slow', 0);
    await until(
      () => readdirSync(keeper.spoolFolder).some((name) => name.startsWith('spool-')),
      'the spool file',
    );
    let status = (await host.link.list())[0];
    for (
      let last = -1;
      status !== undefined && status.lastOffset !== last;
      status = (await host.link.list())[0]
    ) {
      last = status.lastOffset;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const grown = residentMiB(keeperPid) - before;
    const sentUnasked = host.lines('i_slow').length;
    expect({
      held: status?.lastOffset,
      boundedMemory: grown < 60,
      boundedWindow: sentUnasked < 15_000,
    }).toEqual({
      held: count,
      boundedMemory: true,
      boundedWindow: true,
    });

    host.link.notices.on(
      (notice) => notice.tell === 'line' && host.link.ack('i_slow', notice.offset),
    );
    host.link.ack('i_slow', sentUnasked);
    await host.line('i_slow', `line:${count}`.padEnd(400, '.'));
    expect(host.lines('i_slow').map(({ offset }) => offset)).toEqual(
      Array.from({ length: count }, (_, index) => index + 1),
    );
  });

  it('of 40 MB are reported by size and the next one comes', async () => {
    const host = await keeper.connect();
    await host.link.spawn(keeper.spec('i_long', 'long', '40000000'));
    await host.link.attach('i_long', 0);
    await host.line('i_long', 'after');
    expect(host.notices.slice(0, 2)).toEqual([
      { tell: 'caughtUp', instance: 'i_long', offset: 0 },
      { tell: 'oversize', instance: 'i_long', offset: 1, bytes: 40_000_000 },
    ]);
    expect(host.lines('i_long')).toEqual([{ offset: 2, line: 'after' }]);
  });

  it('that the disk has damaged are left out by number; the rest comes, and the damage is kept aside', async () => {
    const count = 40_000;
    const host = await keeper.connect();
    await host.link.spawn(keeper.spec('i_hurt', 'count', String(count), '400'));
    await until(() => existsSync(`${keeper.spoolFolder}/spool-1`), 'the spool file');
    await until(async () => (await host.link.list())[0]?.lastOffset === count, 'all lines');
    const file = openSync(`${keeper.spoolFolder}/spool-1`, 'r+');
    const { size } = fstatSync(file);
    for (const part of [0.3, 0.6]) writeSync(file, 'damage '.repeat(100), Math.floor(size * part));
    ftruncateSync(file, Math.floor(size * 0.9));
    closeSync(file);
    host.link.notices.on(
      (notice) =>
        (notice.tell === 'line' || notice.tell === 'oversize') &&
        host.link.ack('i_hurt', notice.offset),
    );
    await host.link.attach('i_hurt', 0);
    await host.told('caughtUp');
    const offsets = host.notices.flatMap((notice) => ('offset' in notice ? [notice.offset] : []));
    const lost = host.notices.flatMap((notice) =>
      notice.tell === 'oversize' ? [notice.bytes] : [],
    );
    await host.link.write('i_hurt', 1, 'still there');
    await host.line('i_hurt', 'echo:still there');
    expect({
      offsets: offsets.slice(0, -1),
      tenthLost: lost.length > count * 0.05 && lost.length < count * 0.15,
      sizes: new Set(lost),
      aside: readdirSync(keeper.spoolFolder).filter((name) => name.startsWith('damaged-')).length,
    }).toEqual({
      offsets: Array.from({ length: count }, (_, index) => index + 1),
      tenthLost: true,
      sizes: new Set([0]),
      aside: 3,
    });
  });

  it('of 30 MB come whole', async () => {
    const host = await keeper.connect();
    await host.link.spawn(keeper.spec('i_large', 'long', '30000000'));
    await host.link.attach('i_large', 0);
    await until(() => host.lines('i_large').length > 0, 'the long line');
    expect(host.lines('i_large')[0]?.line.length).toBe(30_000_000);
    host.link.ack('i_large', 1);
    await host.line('i_large', 'after');
  });

  it('to an agent that does not read are refused as busy, and the number stays free', async () => {
    const host = await keeper.connect();
    await host.link.spawn(keeper.spec('i_deaf', 'unreading'));
    const line = 'x'.repeat(16 * 1024 * 1024);
    const outcomes: unknown[] = [];
    for (const n of [1, 2, 3, 4, 4, 5])
      outcomes.push(
        await host.link.write('i_deaf', n, line).then(
          ({ lastWritten }) => lastWritten,
          (error: { code: string }) => error.code,
        ),
      );
    expect(outcomes).toEqual([1, 2, 3, 'busy', 'busy', 'gap']);
  });

  it('of a forgotten instance leave no spool file', async () => {
    const host = await keeper.connect();
    await host.link.spawn(keeper.spec('i_gone', 'count', '50000', '400'));
    await until(() => existsSync(`${keeper.spoolFolder}/spool-1`), 'the spool file');
    await host.link.end('i_gone');
    await host.link.forget('i_gone');
    expect([
      await host.link.list(),
      readdirSync(keeper.spoolFolder).filter((name) => name.startsWith('spool')),
    ]).toEqual([[], []]);
  });
});
