import { expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import { Grip, LET_GO_MS } from '../../../../src/host/power/grip.ts';
import type { HolderPort, HolderReading } from '../../../../src/host/power/holder-port.ts';
import { HOLDER_LEASE_MS, type HolderNotice } from '../../../../src/protocol/holder.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

const NOTHING = { idle: false, lid: false, why: '' };
const effect = { effective: false, reason: null, fix: null };
const reading: HolderReading = {
  effects: { idle: effect, lid: { ...effect, setUp: null } },
  sensors: { battery: null, heat: null, lidClosed: null, externalDisplay: null },
};

/** A holder that goes when it is not renewed within its lease. */
function leased(timers: FakeTimers) {
  const log: string[] = [];
  const reached = new Emitter<HolderReading | null>();
  let over = (): void => {};
  const renew = (): void => {
    over();
    over = timers.after(HOLDER_LEASE_MS, () => {
      log.push('gone');
      reached.emit(null);
    });
  };
  const port = {
    notices: new Emitter<HolderNotice>(),
    reached,
    problem: null,
    start: () => {
      log.push('started');
      renew();
      reached.emit(reading);
    },
    want: async () => {
      renew();
      return reading;
    },
    stop: async () => void log.push('stopped'),
  };
  // What a grip needs of it here.
  return { holder: port as unknown as HolderPort, log };
}

test('a holder that is kept ready for an idle agent is renewed too, until nobody needs it', () => {
  const timers = new FakeTimers();
  const { holder, log } = leased(timers);
  const grip = new Grip({
    ...{ holder, timers, logger: silentLogger },
    steadyMs: () => timers.nowMs(),
    sensors: () => {},
    changed: () => {},
  });
  grip.hold(NOTHING, { atOnce: false, isNeeded: true });
  timers.advance(60 * 60_000);
  expect(log).toEqual(['started']);
  grip.hold(NOTHING, { atOnce: false, isNeeded: false });
  timers.advance(LET_GO_MS);
  expect(log).toEqual(['started', 'stopped']);
  grip.close();
});
