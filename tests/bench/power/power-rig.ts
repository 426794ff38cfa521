import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import {
  dist,
  eventually,
  HostUnderTest,
  newCommandId,
} from '../../integration/support/host-under-test.ts';
import { RealLogind, type Inhibitor } from '../../support/real-logind.ts';
import { TestBuses } from '../../support/test-bus.ts';

const LIMIT_MS = 20_000;
const LOOK_MS = 1;

/** Hosts on a system bus of their own, with a real logind on it. */
export class PowerRig {
  readonly buses: TestBuses;
  readonly logind: RealLogind;
  readonly #before = new Map<string, string | undefined>();
  readonly #hosts: HostUnderTest[] = [];

  private constructor(buses: TestBuses, logind: RealLogind) {
    this.buses = buses;
    this.logind = logind;
  }

  static async start(): Promise<PowerRig> {
    const buses = await TestBuses.start();
    const rig = new PowerRig(buses, await RealLogind.start(buses));
    // Keeper, host and holder get what this process has.
    rig.#set({ ...buses.env, XDG_STATE_HOME: join(buses.folder, 'state') });
    return rig;
  }

  #set(env: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(env)) {
      this.#before.set(name, process.env[name]);
      process.env[name] = value;
    }
  }

  /** A host of a home of its own whose work keeps the machine awake as `keepAwake` says. */
  async host(keepAwake: 'off' | 'idle' | 'lid'): Promise<HostUnderTest> {
    const script = join(dist, 'demo-agent', 'main.js');
    const host = new HostUnderTest({
      agents: { quick: { command: process.execPath, args: [script, '--speed', '100'] } },
      // Whatever this machine is: what is measured is not its battery.
      power: { keepAwake, batteryFloor: 0, heatStop: 110 },
    });
    this.#hosts.push(host);
    await host.connect();
    return host;
  }

  async inhibitors(): Promise<readonly Inhibitor[]> {
    return (await this.logind.inhibitors()).filter(({ who }) => /porchlight/iu.test(who));
  }

  /** Waits until work holds off idle sleep, or no longer does; when that was seen, in ms since 1970. */
  async untilHeld(held: boolean): Promise<number> {
    const until = Date.now() + LIMIT_MS;
    for (;;) {
      const all = await this.inhibitors();
      const now = Date.now();
      if (all.some(({ what, mode }) => mode === 'block' && what.includes('idle')) === held)
        return now;
      if (now > until) throw new Error(`Not ${held ? 'held' : 'released'} within ${LIMIT_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async stop(): Promise<void> {
    try {
      for (const host of this.#hosts.splice(0)) await host.stop();
    } finally {
      await this.buses.stop();
      for (const [name, value] of this.#before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
  }
}

/** When the event came to pass, by the host's clock, which is ours. */
export async function momentOf(
  host: HostUnderTest,
  sessionId: SessionId,
  type: SessionEvent['type'],
  after: number,
): Promise<{ seq: number; atMs: number }> {
  return await eventually(async () => {
    const { events } = await host.client.call('session.events', {
      sessionId,
      after,
      limit: 2_000,
    });
    const found = events.find((event) => event.type === type);
    return found === undefined ? null : { seq: found.seq, atMs: Date.parse(found.at) };
  }, LIMIT_MS);
}

export async function cancel(host: HostUnderTest, sessionId: SessionId): Promise<void> {
  await host.client.call('session.cancel', { sessionId, commandId: newCommandId() });
}

/** The holder's own process of a home, and the watchdog where one runs. */
export function holderPids(root: string): number[] {
  const program = join('holder', 'main.js');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .filter((name) => {
      const line = read(`/proc/${name}/cmdline`).split('\0');
      if (!line.some((word) => word.endsWith(program))) return false;
      return read(`/proc/${name}/environ`).split('\0').includes(`PORCHLIGHT_HOME=${root}`);
    })
    .map(Number);
}

/**
 * CPU time so far of processes that live, and of the children that they have outlived: what runs, to
 * the nanosecond, what has ended, as /proc/pid/stat counts it, in steps of 10 ms.
 */
export function wholeCpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ownCpuMs(pid) + endedChildrenMs(pid), 0);
}

function ownCpuMs(pid: number): number {
  let total = 0;
  for (const task of folder(`/proc/${pid}/task`))
    total += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0] ?? 0);
  return total / 1e6;
}

/** Behind the name: state is 0, cutime 13, cstime 14, in ticks of 10 ms. */
function endedChildrenMs(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * 10;
}

function folder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}
