import type { Hold, LidReport, PowerState } from '../../src/protocol/power.ts';
import { powerSample } from '../support/power-samples.ts';
import type { FakeHandlers } from './fake-host-handlers.ts';
import type { FakeHost } from './fake-host.ts';

/** What keeps the machine awake, in memory. */
export class FakePower {
  state: PowerState = powerSample({});
  report: LidReport | null = null;
}

type Method = Extract<keyof FakeHandlers, `power.${string}`>;

export function powerHandlers(host: FakeHost): Pick<FakeHandlers, Method> {
  const { power } = host;
  const set = (change: Partial<PowerState>): void => {
    power.state = { ...power.state, ...change };
    host.tell('power.changed', { power: power.state });
  };
  return {
    'power.state': () => ({ power: power.state }),
    'power.hold': ({ forSec, lid, reason }) => {
      const since = host.now();
      const until =
        forSec === undefined ? null : new Date(Date.parse(since) + forSec * 1_000).toISOString();
      const hold: Hold = {
        id: `u_${power.state.holds.length + 1}`,
        kind: 'user',
        reason: reason ?? 'Held by hand',
        by: 'window',
        since,
        ageSec: 0,
        until,
        lid,
      };
      set({ holds: [...power.state.holds, hold] });
      return { hold };
    },
    'power.release': ({ id }) => {
      const kept = power.state.holds.filter(
        (hold) => hold.kind !== 'user' || (id !== undefined && hold.id !== id),
      );
      const released = power.state.holds.length - kept.length;
      set({ holds: kept });
      return { released };
    },
    'power.setPolicy': ({ policy }) => {
      const whole = { ...power.state.policy };
      for (const [key, value] of Object.entries(policy))
        if (value !== undefined) Object.assign(whole, { [key]: value });
      set({ policy: whole });
      return { policy: whole };
    },
    'power.sleepWhenDone': ({ on }) => {
      set({ sleepWhenDone: on, sleepsAt: null });
      return {};
    },
    'power.setUp': ({ undo }) => {
      set({ lid: { ...power.state.lid, setUp: undo ? 'needed' : 'done' } });
      return { message: undo ? 'Undone.' : 'Done.' };
    },
    'power.machine': () => ({}),
    'power.lidReport': () => ({ report: power.report }),
  };
}
