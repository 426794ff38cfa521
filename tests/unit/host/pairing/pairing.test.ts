import { beforeEach, describe, expect, test } from 'vitest';
import { HERE_LIMIT_MS, MAX_GUESTS } from '../../../../src/host/pairing/pairing-door.ts';
import { decodeOffer } from '../../../../src/protocol/offer.ts';
import { pairingResultSchema, pairStateSchema } from '../../../../src/protocol/pairing.ts';
import { FakePhone, PairingBench, refusal, settle, told } from './pairing-bench.ts';

let bench: PairingBench;
beforeEach(() => {
  bench = new PairingBench();
});

describe('a phone is paired', () => {
  test('from the offer to the grant, and every state is one of the contract', async () => {
    const { phone, url } = await bench.candidate();
    const device = bench.pairing.confirm('000001', undefined);
    expect(bench.phases).toEqual(['offered', 'candidate', 'paired']);
    expect(bench.states.map((state) => pairStateSchema.parse(state))).toEqual(bench.states);
    expect(bench.states[0]).toMatchObject({
      ...{ role: 'approver', page: 'https://app.example', relay: 'https://relay.example' },
      ...{ lan: false, url },
    });
    expect(pairingResultSchema.parse(phone.result)).toEqual({
      type: 'paired',
      hostId: 'the-host',
      hostName: 'porch',
      relay: 'https://relay.example',
      device: { id: device.id, name: 'Pixel 9', role: 'approver' },
      grant: expect.objectContaining({ device: device.id }),
    });
    expect(bench.added).toMatchObject([
      { name: 'Pixel 9', role: 'approver', rootPsk: new Uint8Array(32).fill(7) },
    ]);
    expect([phone.closedBecause, bench.relay]).toEqual([
      'Paired.',
      ['open for 120', 'way closed', 'shut'],
    ]);
  });

  test('in the role that the confirmation names', async () => {
    await bench.candidate();
    expect(bench.pairing.confirm('000001', 'viewer').role).toBe('viewer');
  });

  test('and the shared key is gone from memory', async () => {
    await bench.candidate();
    bench.pairing.confirm('000001', undefined);
    expect(bench.psks).toEqual([new Uint8Array(32)]);
  });

  test('only once it has shown to be live: a recorded first message burns nothing', async () => {
    const url = await bench.offer();
    const replay = bench.dial().greet(url);
    await settle();
    replay.leave();
    expect(bench.phases).toEqual(['offered']);
    const phone = bench.dial().greet(url);
    await settle();
    phone.here();
    expect(bench.pairing.state).toMatchObject({ phase: 'candidate', digits: '000002' });
  });

  test('a name from outside cannot pretend to be something else', async () => {
    const url = await bench.offer();
    const phone = bench.dial().greet(url, {
      name: '\u202eenohP\u0007\n  your\u200b bank',
      signingKey:
        'BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ',
      version: '1',
    });
    await settle();
    phone.here();
    expect(bench.pairing.state).toMatchObject({ name: 'enohP your bank' });
  });
});

describe('a code is good for one device', () => {
  test('a second scan while the first is being confirmed is turned away, and changes nothing', async () => {
    const { url } = await bench.candidate();
    const second = bench.dial().greet(url);
    await settle();
    expect([second.closedBecause, second.heard, bench.phases]).toEqual([
      'Another device has this code already.',
      [],
      ['offered', 'candidate'],
    ]);
    expect(bench.pairing.confirm('000001', undefined).name).toBe('Pixel 9');
  });

  test('two at once: the first goes on, the other is told why not', async () => {
    const url = await bench.offer();
    const [first, second] = [bench.dial(), bench.dial()];
    second.greet(url);
    first.greet(url);
    await settle();
    first.here();
    expect([second.closedBecause, bench.pairing.state.phase]).toEqual([
      'Another device has this code already.',
      'candidate',
    ]);
  });

  test('a photo of it gets nothing after use', async () => {
    const { url } = await bench.candidate();
    const onGuest = bench.onGuest;
    bench.pairing.confirm('000001', undefined);
    const photo = new FakePhone().greet(url);
    onGuest?.(photo.pipe);
    await settle();
    expect([photo.heard, photo.closedBecause, bench.added.length]).toEqual([
      [],
      'This code was used or is over. Ask for a new one.',
      1,
    ]);
  });

  test('nor while the first is shown: the secret is wiped by then', async () => {
    const url = await bench.offer();
    const secret = decodeOffer(url).secret;
    expect(secret).not.toEqual(new Uint8Array(32));
    const phone = bench.dial().greet(url);
    await settle();
    phone.here();
    const stranger = bench.dial().greet(url);
    await settle();
    expect(stranger.heard).toEqual([]);
  });

  test('confirming twice pairs once', async () => {
    await bench.candidate();
    bench.pairing.confirm('000001', undefined);
    expect(await refusal(() => bench.pairing.confirm('000001', undefined))).toContain(
      'No device waits',
    );
    expect(bench.added.length).toBe(1);
  });

  test('guests that come to nothing are let in again, but not for ever', async () => {
    await bench.offer();
    for (let guest = 1; guest <= MAX_GUESTS; guest += 1) {
      expect(bench.pairing.state.phase, String(guest)).toBe('offered');
      bench.dial().leave();
      await settle();
    }
    expect(bench.phases).toEqual(['offered', 'ended failed']);
  });
});

describe('a pairing that goes wrong is told to both sides', () => {
  test.each([
    ['other digits are given', () => bench.pairing.confirm('000002', undefined), 'mismatch'],
    ['the person here refuses', () => bench.pairing.refuse(), 'refused'],
    ['the person here gives up', () => bench.pairing.cancel(), 'cancelled'],
    ['the window that asked is closed', () => bench.pairing.ownerLeft(bench.owner), 'cancelled'],
    ['the host ends', () => bench.pairing.close(), 'cancelled'],
    ['nobody confirms', () => bench.timers.advance(120_000), 'expired'],
    ['there are too many devices by now', fullThenConfirm, 'failed'],
    ['the device cannot be stored', storeFails, 'failed'],
  ])('%s', async (_, act, why) => {
    const { phone } = await bench.candidate();
    await refusal(act);
    const result = pairingResultSchema.parse(phone.result);
    const state = bench.pairing.state;
    if (result.type !== 'refused' || state.phase !== 'ended') throw new Error('it went well');
    expect([state.why, phone.closedBecause, bench.relay.at(-1)]).toEqual([
      why,
      'Not paired.',
      'shut',
    ]);
    for (const words of [state.message, result.message]) expect(words).toMatch(/^[A-Z\d].+\.$|:/);
    expect(bench.added).toEqual([]);
  });

  function fullThenConfirm() {
    bench.isFull = true;
    bench.pairing.confirm('000001', undefined);
  }
  function storeFails() {
    bench.addFails = new Error('the disk is full');
    bench.pairing.confirm('000001', undefined);
  }

  test('a wrong secret ends it, and the wire is closed with a reason', async () => {
    const url = await bench.offer();
    const phone = bench.dial();
    phone.say({ secret: 'another', hello: {} });
    await settle();
    expect([bench.phases, phone.closedBecause, bench.dial().greet(url).closedBecause]).toEqual([
      ['offered', 'ended failed'],
      'This is not the code that the computer shows. Ask the computer for a new code.',
      'This code was used or is over. Ask for a new one.',
    ]);
  });

  test('the person at the phone says that the digits differ', async () => {
    const { phone } = await bench.candidate();
    phone.say({ type: 'leave', why: 'mismatch' });
    expect([bench.phases.at(-1), told(phone)]).toEqual(['ended mismatch', 'refused']);
  });

  test('the person at the phone gives up', async () => {
    const { phone } = await bench.candidate();
    phone.say({ type: 'leave', why: 'cancelled' });
    expect(bench.phases.at(-1)).toBe('ended cancelled');
  });

  test('the phone goes away while it waits', async () => {
    const { phone } = await bench.candidate();
    phone.leave();
    expect([
      bench.phases.at(-1),
      await refusal(() => bench.pairing.confirm('000001', undefined)),
    ]).toEqual(['ended failed', expect.stringContaining('No device waits')]);
  });

  test.each([
    ['a hello of another kind', { name: 1 }, { type: 'here' }],
    ['a first word of another kind', undefined, { type: 'hello' }],
    ['a text that is no JSON object', undefined, 'here'],
  ])('%s', async (_, hello, first) => {
    const url = await bench.offer();
    const phone = bench.dial().greet(url, hello);
    await settle();
    phone.say(first);
    expect([bench.phases.at(-1), told(phone)]).toEqual(['ended failed', 'refused']);
  });

  test('“here” twice is no device of ours', async () => {
    const { phone } = await bench.candidate();
    phone.here();
    expect(bench.phases.at(-1)).toBe('ended failed');
  });

  test('one that shakes hands and stays silent makes room for the next', async () => {
    const url = await bench.offer();
    const silent = bench.dial().greet(url);
    await settle();
    bench.timers.advance(HERE_LIMIT_MS);
    const next = bench.dial().greet(url);
    await settle();
    next.here();
    expect([silent.closedBecause, bench.pairing.state.phase]).toEqual([
      'It took too long.',
      'candidate',
    ]);
  });
});
