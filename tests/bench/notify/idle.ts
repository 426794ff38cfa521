import { setTimeout as delay } from 'node:timers/promises';
import { HostUnderTest } from '../../integration/support/host-under-test.ts';
import { figure, type Figure } from '../figure.ts';
import { wholeCpuMs } from '../power/power-rig.ts';
import { notifyRig, stopAll } from './notify-rig.ts';

export interface IdleOptions {
  /** Until what starting has to do is done. */
  readonly settleMs: number;
  readonly windowMs: number;
}

const DEFAULTS: IdleOptions = { settleMs: 20_000, windowMs: 60_000 };

/** In the same minute: a host with a phone that it could push to, and one without. */
export async function benchNotifyIdle(options: IdleOptions = DEFAULTS): Promise<Figure[]> {
  const stops: (() => unknown)[] = [];
  try {
    const rig = await notifyRig(stops);
    const other = new HostUnderTest();
    stops.push(async () => await other.stop());
    await other.connect();
    const pids = [await pidOf(rig.host), await pidOf(other)];
    await delay(options.settleMs);
    const before = pids.map((pid) => wholeCpuMs([pid]));
    const pushes = rig.service.tries.length;
    const startedAt = performance.now();
    await delay(options.windowMs);
    const tookMs = performance.now() - startedAt;
    const used = pids.map((pid, at) => wholeCpuMs([pid]) - (before[at] ?? 0));
    const percent = (ms = Number.NaN): number => (ms / tookMs) * 100;
    return [
      figure('idle CPU of a host with a phone to push to', percent(used[0]), '%'),
      figure('idle CPU of a host without', percent(used[1]), '%'),
      figure('pushes meanwhile', rig.service.tries.length - pushes, '', { atMost: 0 }),
    ];
  } finally {
    await stopAll(stops);
  }
}

async function pidOf(host: HostUnderTest): Promise<number> {
  return (await host.client.call('host.status', {})).pid;
}
