import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealedLimits, type SealedLimits } from '../../../../src/connection/sealed/limits.ts';
import {
  bytesOf,
  deviceKeys as pairKeys,
  hostKeys,
  pair,
  settled,
  until,
  type Pair,
  type PairChanges,
} from './ends.ts';

const opened = async (changes: PairChanges = {}): Promise<Pair> => {
  const ends = pair(changes);
  ends.host.start();
  ends.device.start();
  await ends.device.transport.opened;
  await settled();
  return ends;
};

const small: SealedLimits = {
  ...sealedLimits,
  maxBodyBytes: 64,
  windowBytes: 1_000,
  creditEveryBytes: 250,
  rekeyEveryMessages: 5,
};

describe('a sealed connection', () => {
  it('costs one round trip for what is asked at once, and confirms after it', async () => {
    const { pipes, device, host, confirmed } = pair();
    host.answer = (text) => host.transport.send(`answer to ${text}`);
    host.start();
    device.transport.send('hello');
    device.start();
    device.transport.send('follow');
    await until('the confirmation', () => confirmed.length === 1);
    expect({
      fromDevice: pipes.device.sent.length,
      fromHost: pipes.host.sent.length,
      texts: [host.texts, device.texts],
      confirmed,
    }).toEqual({
      // Message 1 and the confirmation; message 2.
      fromDevice: 2,
      fromHost: 1,
      texts: [
        ['hello', 'follow'],
        ['answer to hello', 'answer to follow'],
      ],
      confirmed: [1],
    });
  });

  it('keeps the order when not all that waits fits into the first messages', async () => {
    const { device, host } = pair();
    const texts = ['a', 'b'.repeat(60_000), 'c'.repeat(60_000), 'd'];
    host.answer = (text) => host.transport.send(text);
    for (const text of texts) device.transport.send(text);
    host.start();
    device.start();
    await until('the answers', () => device.texts.length === texts.length);
    expect([host.texts, device.texts]).toEqual([texts, texts]);
  });

  it('carries large texts both ways in order, through windows and parts', async () => {
    const { device, host } = await opened();
    host.answer = (text) => host.transport.send(text);
    const texts = [
      'a',
      'ß'.repeat(1_500_000),
      '',
      '\uFEFF mark',
      'x'.repeat(65_518),
      '🙂'.repeat(20_000),
    ];
    for (const text of texts) device.transport.send(text);
    await until('all to come back', () => device.texts.length === texts.length);
    expect([host.texts, device.texts]).toEqual([texts, texts]);
  });

  it('brings random texts, two connections at once, through rekeys, windows and parts', async () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 600 }), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(texts, texts, texts, texts), async (all) => {
        const both = [pair({ ports: { limits: small } }), pair({ ports: { limits: small } })];
        for (const [i, { device, host }] of both.entries()) {
          host.start();
          device.start();
          for (const text of all[i * 2] ?? []) device.transport.send(text);
          void host.transport.opened.then(() => {
            for (const text of all[i * 2 + 1] ?? []) host.transport.send(text);
          });
        }
        await until('all texts', () =>
          both.every(
            ({ device, host }, i) =>
              host.texts.length === all[i * 2]?.length &&
              device.texts.length === all[i * 2 + 1]?.length,
          ),
        );
        expect(both.flatMap(({ device, host }) => [host.texts, device.texts])).toEqual(all);
        expect(both.flatMap(({ device, host }) => [...host.closes, ...device.closes])).toEqual([]);
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  it('has no more on the way than the window holds, and counts what waits', async () => {
    const { pipes, device, host } = await opened();
    pipes.host.isHeld = true;
    const before = pipes.device.sent.length;
    const text = 'x'.repeat(30_000);
    for (let i = 0; i < 40; i += 1) device.transport.send(text);
    await settled();
    const onTheWay = pipes.device.sent.slice(before).reduce((sum, frame) => sum + frame.length, 0);
    expect(onTheWay).toBeLessThanOrEqual(512 * 1024);
    expect(onTheWay).toBeGreaterThan(450 * 1024);
    expect(device.transport.bufferedBytes).toBe((40 - host.texts.length) * 30_000);
    pipes.host.release();
    await until('the rest', () => host.texts.length === 40);
    expect(device.transport.bufferedBytes).toBe(0);
  });

  it('is cut off when the other side reads nothing and too much waits', async () => {
    const { pipes, device, host } = await opened({
      ports: { limits: { ...sealedLimits, maxQueuedBytes: 1_000_000 } },
    });
    pipes.host.isHeld = true;
    for (let i = 0; i < 20; i += 1) device.transport.send('x'.repeat(100_000));
    await settled();
    const reason = 'the other side does not read what it is sent';
    expect([device.closes, host.closes, device.transport.bufferedBytes]).toEqual([
      [reason],
      [reason],
      0,
    ]);
  });

  it('refuses a text over the limit before it sends any of it', async () => {
    const { device, host } = await opened();
    device.transport.send('x'.repeat(12 * 1024 * 1024 + 1));
    await settled();
    expect([device.closes, host.texts, host.closes]).toEqual([
      ['a message of 12582913 bytes is over the limit of 12582912'],
      [],
      ['a message of 12582913 bytes is over the limit of 12582912'],
    ]);
  });

  it('rekeys after so many messages, the rekey among them', async () => {
    const { pipes, device, host } = await opened({
      ports: { limits: { ...sealedLimits, rekeyEveryMessages: 5 } },
    });
    const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`);
    for (const text of texts) device.transport.send(text);
    await settled();
    // Message 1; the confirmation and the texts; a rekey behind every four of them.
    expect([pipes.device.sent.length, host.texts]).toEqual([1 + 21 + 5, texts]);
  });

  it('rekeys when the key is old, with the next message', async () => {
    const { pipes, device, host, timers } = await opened();
    const sent = (): number => pipes.device.sent.length;
    device.transport.send('a');
    timers.advance(10 * 60_000);
    const before = sent();
    device.transport.send('b');
    device.transport.send('c');
    await settled();
    expect([sent() - before, host.texts, host.closes]).toEqual([3, ['a', 'b', 'c'], []]);
  });

  it('ends for renewal when it is a day old, or has carried too much', async () => {
    const old = await opened();
    old.timers.advance(24 * 60 * 60_000);
    await settled();
    const busy = await opened({
      ports: { limits: { ...sealedLimits, maxChannelBytes: 100_000 } },
    });
    for (let i = 0; i < 20; i += 1) busy.host.transport.send('x'.repeat(10_000));
    await settled();
    expect([old.device.closes, old.host.closes, busy.device.closes, busy.host.closes]).toEqual([
      ['renew'],
      ['renew'],
      ['renew'],
      ['renew'],
    ]);
    expect(busy.device.texts.length).toBeLessThan(10);
  });

  it('tells the other end why it closes, and whoever is between nothing', async () => {
    const { pipes, device, host } = await opened();
    host.transport.send('last');
    host.transport.close('this device was revoked');
    host.transport.send('too late');
    await settled();
    expect({
      texts: device.texts,
      closes: [device.closes, host.closes],
      pipes: [pipes.host.closedBecause, pipes.device.closedBecause],
    }).toEqual({
      texts: ['last'],
      closes: [['this device was revoked'], []],
      pipes: ['closed', 'closed'],
    });
  });

  it('cuts a long reason without breaking it', async () => {
    const { device, host } = await opened();
    host.transport.close('ß'.repeat(500));
    await settled();
    expect(device.closes).toEqual(['ß'.repeat(128)]);
  });

  it('measures the way to the other end, and when that was last heard', async () => {
    const { pipes, device, host, timers } = await opened();
    const [start] = [timers.nowMs()];
    pipes.device.isHeld = true;
    const ping = device.transport.ping();
    timers.advance(250);
    pipes.device.release();
    await expect(ping).resolves.toBe(250);
    expect([device.transport.lastHeardAtMs, host.transport.lastHeardAtMs]).toEqual([
      start + 250,
      start + 250,
    ]);
  });

  it('gives up a ping after ten seconds, takes its late answer calmly, and bounds their number', async () => {
    const { pipes, device, host, timers } = await opened();
    pipes.device.isHeld = true;
    const pings = Array.from({ length: 8 }, () => device.transport.ping().catch(String));
    await expect(device.transport.ping()).rejects.toThrow('Too many');
    timers.advance(10_000);
    expect(new Set(await Promise.all(pings))).toEqual(
      new Set(['DeadlineExceeded: The answer to a ping took longer than 10000 ms']),
    );
    pipes.device.release();
    await settled();
    const last = device.transport.ping();
    await expect(last).resolves.toBe(0);
    pipes.device.isHeld = true;
    const cut = device.transport.ping();
    host.transport.close('bye');
    await expect(cut).rejects.toThrow('bye');
    await expect(device.transport.ping()).rejects.toThrow('not open');
  });

  it('answers no ping when nobody reads', async () => {
    const { pipes, device, host } = await opened();
    pipes.host.bufferedBytes = 2_000_000;
    const before = pipes.host.sent.length;
    const ping = device.transport.ping().catch(() => {});
    await settled();
    expect(pipes.host.sent.length).toBe(before);
    host.transport.close('done');
    await ping;
  });

  it('gives up after ten seconds without an answer, on either side', async () => {
    const alone = pair();
    alone.device.start();
    await settled();
    alone.timers.advance(10_000);
    const silent = pair();
    silent.host.start();
    silent.timers.advance(9_999);
    expect(silent.host.closes).toEqual([]);
    silent.timers.advance(1);
    const reason = 'the other side did not answer in time';
    expect([alone.device.closes, silent.host.closes]).toEqual([[reason], [reason]]);
    await expect(alone.device.transport.opened).rejects.toThrow(reason);
  });

  it('stays for hours once it is confirmed, and leaves no timer when it ends', async () => {
    const { device, host, timers } = await opened();
    timers.advance(60 * 60_000);
    expect([device.closes, host.closes]).toEqual([[], []]);
    device.transport.close('done');
    await settled();
    expect(timers.pendingMs).toEqual([]);
  });

  it('delivers nothing once its owner has closed it, not even from within a message', async () => {
    const { device, host } = pair();
    host.answer = () => host.transport.close('enough');
    for (const text of ['a', 'b', 'c']) device.transport.send(text);
    host.start();
    device.start();
    await settled();
    const later = await opened();
    later.host.answer = () => later.host.transport.close('enough');
    for (const text of ['a', 'b', 'c']) later.device.transport.send(text);
    await settled();
    expect([host.texts, host.closes, later.host.texts, later.host.closes]).toEqual([
      ['a'],
      [],
      ['a'],
      [],
    ]);
    expect([device.closes, later.device.closes]).toEqual([['the pipe closed'], ['enough']]);
  });

  it('may be closed before it is started, and when the pipe is gone already', async () => {
    const never = pair();
    never.device.transport.send('x');
    never.device.transport.close('changed my mind');
    never.device.start();
    await expect(never.device.transport.opened).rejects.toThrow('changed my mind');
    const gone = pair();
    gone.device.start();
    gone.pipes.device.lost('no route');
    await settled();
    expect([never.pipes.device.sent, never.device.closes, gone.device.closes]).toEqual([
      [],
      [],
      ['no route'],
    ]);
  });

  it('works with a device whose Diffie-Hellman takes its time, texts right behind the answer', async () => {
    const own = {
      publicKey: pairKeys.publicKey,
      dh: async (remote: Uint8Array) => {
        await settled(3);
        return await pairKeys.dh(remote);
      },
    };
    const { device, host } = pair({ device: { own } });
    host.answer = (text) => {
      host.transport.send(`early ${text}`);
      void host.transport.opened.then(() => host.transport.send(`late ${text}`));
    };
    host.start();
    device.transport.send('x');
    device.start();
    await until('both answers', () => device.texts.length === 2);
    expect(device.texts).toEqual(['early x', 'late x']);
  });

  it('gives sessions no secrets of the handshake', async () => {
    const { device } = await opened();
    const { secret, remoteStatic } = await device.transport.opened;
    await settled();
    expect(remoteStatic).toEqual(hostKeys.publicKey);
    expect(() => secret('sas', 4)).toThrow('forgotten');
  });

  it('tells whoever is between nothing of what an owner has thrown', async () => {
    const ends = pair();
    ends.host.answer = (text) => {
      throw new Error(`cannot read ${text}`);
    };
    ends.host.start();
    ends.device.start();
    ends.device.transport.send('a secret of the person');
    await until('the host ends it', () => ends.host.closes.length > 0);
    expect([ends.host.closes, ends.pipes.host.closedBecause]).toEqual([
      ['cannot read a secret of the person'],
      'this end has failed',
    ]);
  });

  it('refuses a counter that cannot be one', () => {
    expect(() => pair({ device: { counter: -1 } })).toThrow('whole number');
    expect(() => pair({ device: { psk: bytesOf('short').subarray(1) } })).toThrow('32 bytes');
  });
});
