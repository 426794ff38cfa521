import { setTimeout as delay } from 'node:timers/promises';
import type { HostUnderTest } from '../../integration/support/host-under-test.ts';
import { figure, type Figure } from '../figure.ts';
import { pssBytes, treeOf } from '../process-memory.ts';
import { holderPids, PowerRig, wholeCpuMs } from './power-rig.ts';

export interface IdleOptions {
  /** Until what starting has to do is done. */
  readonly settleMs: number;
  readonly windowMs: number;
}

const DEFAULTS: IdleOptions = { settleMs: 20_000, windowMs: 90_000 };
const GOAL_PERCENT = 0.05;
const MiB = 1024 * 1024;

/**
 * CPU time of all of it in the same minute: the holder with its children, and what a host with power
 * on uses more than one beside it whose policy is off. Once with nothing to hold, once while it holds.
 */
export async function benchPowerIdle(options: IdleOptions = DEFAULTS): Promise<Figure[]> {
  const rig = await PowerRig.start();
  try {
    const [on, off] = [await rig.host('lid'), await rig.host('off')];
    const session = await on.start('quick');
    const other = await off.start('quick');
    // Whoever asks for it has the holder started.
    await on.client.call('power.state', {}, 30_000);
    const quiet = await share(on, off, options);
    for (const [host, id] of [
      [on, session],
      [off, other],
    ] as const)
      await host.send(id, 'SCRIPT:hang cancel=ok');
    await rig.untilHeld(true);
    const held = await share(on, off, options);
    return [
      ...rows('nothing to hold', quiet),
      ...rows('holding', held),
      figure('memory of the holder', held.holderBytes / MiB, 'MiB PSS'),
      figure('memory of all that the holder runs', held.treeBytes / MiB, 'MiB PSS'),
    ];
  } finally {
    await rig.stop();
  }
}

interface Share {
  readonly holderPercent: number;
  readonly hostPercent: number;
  readonly holderBytes: number;
  readonly treeBytes: number;
}

async function share(
  on: HostUnderTest,
  off: HostUnderTest,
  { settleMs, windowMs }: IdleOptions,
): Promise<Share> {
  const hosts = [await pidOf(on), await pidOf(off)] as const;
  await delay(settleMs);
  const holders = holderPids(on.home.root);
  if (holders.length === 0) throw new Error('There is no holder to measure');
  // Which children there are may change meanwhile; whose they are may not.
  const used = (): number[] => [
    wholeCpuMs(treeOf(holders)),
    ...hosts.map((pid) => wholeCpuMs([pid])),
  ];
  const before = used();
  const startedAt = performance.now();
  await delay(windowMs);
  const tookMs = performance.now() - startedAt;
  const after = used();
  if (holderPids(on.home.root).join() !== holders.join())
    throw new Error('The holder was replaced while it was measured');
  const [holder = 0, hostOn = 0, hostOff = 0] = after.map((ms, at) => ms - (before[at] ?? 0));
  return {
    holderPercent: (holder / tookMs) * 100,
    hostPercent: ((hostOn - hostOff) / tookMs) * 100,
    holderBytes: pssBytes(holders.slice(0, 1)),
    treeBytes: pssBytes(treeOf(holders)),
  };
}

function rows(what: string, { holderPercent, hostPercent }: Share): Figure[] {
  // Two hosts that do the same differ a little, in either direction.
  const whole = holderPercent + Math.max(0, hostPercent);
  return [
    figure(`idle CPU of holder and its children, ${what}`, holderPercent, '%'),
    figure(`idle CPU of the host's share, ${what}`, hostPercent, '%'),
    figure(`idle CPU of the whole power part, ${what}`, whole, '%', { atMost: GOAL_PERCENT }),
  ];
}

async function pidOf(host: HostUnderTest): Promise<number> {
  return (await host.client.call('host.status', {})).pid;
}
