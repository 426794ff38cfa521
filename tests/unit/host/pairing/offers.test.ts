import { beforeEach, describe, expect, test } from 'vitest';
import { TROUBLE_GRACE_MS } from '../../../../src/host/pairing/pairing.ts';
import { decodeOffer } from '../../../../src/protocol/offer.ts';
import { PairingBench, refusal, settle, told } from './pairing-bench.ts';

let bench: PairingBench;
beforeEach(() => {
  bench = new PairingBench();
});

describe('time', () => {
  test('an offer that nobody uses ends after 120 s and says so', async () => {
    await bench.offer();
    bench.timers.advance(119_999);
    expect(bench.phases).toEqual(['offered']);
    bench.timers.advance(1);
    expect(bench.phases).toEqual(['offered', 'ended expired']);
  });

  test('a phone that is late after a sleep of the machine is told, though no timer ran', async () => {
    const url = await bench.offer();
    bench.sleptMs = 120_000;
    const phone = bench.dial().greet(url);
    await settle();
    expect([bench.phases.at(-1), phone.closedBecause]).toEqual([
      'ended expired',
      'This code came too late: it was good for 120 seconds. Ask the computer for a new code.',
    ]);
  });

  test('one that shook hands in time and showed itself too late is told, too', async () => {
    const url = await bench.offer();
    const phone = bench.dial().greet(url);
    await settle();
    bench.sleptMs = 120_000;
    phone.here();
    expect([bench.phases.at(-1), told(phone)]).toEqual(['ended expired', 'expired']);
  });

  test('a confirmation after a sleep is too late', async () => {
    await bench.candidate();
    bench.sleptMs = 120_000;
    expect(await refusal(() => bench.pairing.confirm('000001', undefined))).toContain('in time');
    expect(bench.added).toEqual([]);
  });

  test('a scan in the last second leaves the person time to compare', async () => {
    const url = await bench.offer();
    bench.timers.advance(119_000);
    const phone = bench.dial().greet(url);
    await settle();
    phone.here();
    bench.timers.advance(100_000);
    expect(bench.pairing.confirm('000001', undefined).name).toBe('Pixel 9');
  });

  test.each([-3_600_000, 3_600_000])('a clock that is set by %d ms ends nothing', async (shift) => {
    const url = await bench.offer();
    bench.wallShiftMs = shift;
    bench.timers.advance(110_000);
    const phone = bench.dial().greet(url);
    await settle();
    phone.here();
    expect(bench.pairing.state.phase).toBe('candidate');
  });
});

describe('offers are one at a time', () => {
  test('a new one voids the last, whose phone is told', async () => {
    const { phone, url } = await bench.candidate();
    const next = await bench.offer({});
    expect([bench.phases, told(phone), next === url]).toEqual([
      ['offered', 'candidate', 'ended cancelled', 'offered'],
      'cancelled',
      false,
    ]);
  });

  test('the window that made the last cannot end the new one by closing', async () => {
    await bench.offer();
    await bench.offer({});
    bench.pairing.ownerLeft(bench.owner);
    expect(bench.pairing.state.phase).toBe('offered');
  });

  test('two at once while the relay is being reached: the later one is made', async () => {
    let open = (): void => {};
    bench.opening = new Promise((resolve) => (open = resolve));
    const first = refusal(() => bench.offer());
    const second = bench.offer({});
    open();
    expect([await first, decodeOffer(await second).relay, bench.phases]).toEqual([
      'The code was taken back, or another one was asked for.',
      'https://relay.example',
      ['offered'],
    ]);
    expect(bench.relay).toEqual(['way closed', 'open for 120']);
  });

  test('one that is taken back while the relay is being reached is not made', async () => {
    let open = (): void => {};
    bench.opening = new Promise((resolve) => (open = resolve));
    const first = refusal(() => bench.offer());
    bench.pairing.ownerLeft(bench.owner);
    open();
    expect([await first, bench.phases, bench.relay]).toEqual([
      'The code was taken back, or another one was asked for.',
      [],
      ['way closed'],
    ]);
  });

  test('cancelling when there is nothing does nothing, and refusing says so', async () => {
    bench.pairing.cancel();
    expect([bench.phases, await refusal(() => bench.pairing.refuse())]).toEqual([
      [],
      'No device waits to be paired, so there is none to refuse.',
    ]);
  });

  test('a full house says so before a code is shown', async () => {
    bench.isFull = true;
    expect(await refusal(() => bench.offer())).toContain('50 devices');
  });

  test('a relay that cannot be reached, and one by plain http, are told in words', async () => {
    bench.openFails = new Error('nobody answers at relay.example');
    const far = { role: 'viewer', relay: 'http://relay.example', lan: false } as const;
    expect([
      await refusal(() => bench.offer()),
      await refusal(() => bench.pairing.offer(far, bench.owner)),
      bench.phases,
    ]).toEqual([
      'No code could be made: nobody answers at relay.example',
      expect.stringContaining('must be reached by https'),
      [],
    ]);
  });

  test('a restarted host knows nothing of the code that the last one showed', async () => {
    const url = await bench.offer();
    const next = new PairingBench();
    expect([
      next.pairing.state,
      await refusal(() => next.pairing.confirm('000001', undefined)),
    ]).toEqual([{ phase: 'idle' }, expect.stringContaining('No device waits')]);
    expect(decodeOffer(url).relay).toBe('https://relay.example');
  });
});

describe('the way to the relay', () => {
  test('is lost for a moment: the code stays', async () => {
    await bench.offer();
    bench.trouble('the relay is restarting');
    bench.timers.advance(TROUBLE_GRACE_MS - 1);
    bench.trouble(null);
    bench.timers.advance(TROUBLE_GRACE_MS);
    expect(bench.phases).toEqual(['offered']);
  });

  test('is lost for long: the code is void, and why is said', async () => {
    await bench.offer();
    bench.trouble('the relay is gone');
    bench.timers.advance(TROUBLE_GRACE_MS);
    expect(bench.pairing.state).toEqual({
      phase: 'ended',
      why: 'relay',
      message: 'The way to the relay is gone, and the code with it: the relay is gone',
    });
  });
});

describe('failures', () => {
  const fail = async (): Promise<void> => {
    await bench.candidate();
    bench.pairing.refuse();
  };

  test('three in a row make a pause, by the steady clock, that is said in seconds', async () => {
    for (let n = 0; n < 3; n += 1) await fail();
    bench.timers.advance(18_000);
    bench.wallShiftMs = 3_600_000;
    expect(await refusal(() => bench.offer())).toBe(
      '3 pairings failed one after the other, so there is a pause. Try again in 42 s.',
    );
    bench.timers.advance(42_000);
    expect(await bench.offer()).toContain('#p=');
  });

  test('that were before a pairing that went well do not count', async () => {
    for (let n = 0; n < 2; n += 1) await fail();
    const { phone } = await bench.candidate();
    const { digits } =
      bench.pairing.state.phase === 'candidate' ? bench.pairing.state : { digits: '' };
    bench.pairing.confirm(digits, undefined);
    expect(told(phone)).toBe('paired');
    for (let n = 0; n < 2; n += 1) await fail();
    expect(await bench.offer()).toContain('#p=');
  });

  test('giving up and letting it expire are none', async () => {
    for (let n = 0; n < 4; n += 1) {
      await bench.candidate();
      if (n % 2 === 0) bench.pairing.cancel();
      else bench.timers.advance(120_000);
    }
    expect(await bench.offer()).toContain('#p=');
  });

  test('that are wrong codes count as well', async () => {
    for (let n = 0; n < 3; n += 1) {
      await bench.offer();
      bench.dial().say({ secret: 'guessed', hello: {} });
      await settle();
    }
    expect(await refusal(() => bench.offer())).toContain('there is a pause');
  });
});
