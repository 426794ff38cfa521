import { Agent, request } from 'node:http';
import { withDeadline } from '../../../src/base/deadline.ts';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import type { TakenPush } from '../../support/push-service.ts';
import { figure, percentile, type Figure } from '../figure.ts';
import { ASKER, notifyRig, stopAll, type NotifyRig } from './notify-rig.ts';

export interface HandedOptions {
  /** The first is thrown away: a host loads what seals when it first needs it. */
  readonly rounds: number;
  readonly asksPerRound: number;
}

const DEFAULTS: HandedOptions = { rounds: 6, asksPerRound: 50 };
const LIMIT_MS = 20_000;

interface Samples {
  /** From the moment that the event bears to the push, at the push service and opened. */
  readonly fromEventMs: number[];
  /** From the moment that a surface on this machine was told. */
  readonly fromSurfaceMs: number[];
  readonly withdrawnMs: number[];
  readonly bareMs: number[];
}

/**
 * The agent asks, the built host sees that nobody is anywhere, seals a push for the phone and hands it
 * to a push service on loopback, which opens it; then the approval is decided here and its withdrawal
 * waited for. Beside each, in turns, a POST of as many bytes to the same service, on a connection of
 * its own as well. Agent, host, service and surface share a machine and one clock.
 */
export async function benchHanded({ rounds, asksPerRound }: HandedOptions = DEFAULTS): Promise<
  Figure[]
> {
  const stops: (() => unknown)[] = [];
  try {
    const rig = await notifyRig(stops);
    const heard = hearing(rig);
    await rig.host.client.call('desk.follow', {});
    const sessionId = await rig.host.start(ASKER);
    const all: Samples = { fromEventMs: [], fromSurfaceMs: [], withdrawnMs: [], bareMs: [] };
    for (let round = 0; round <= rounds; round += 1) {
      await rig.host.send(sessionId, JSON.stringify({ asks: asksPerRound }));
      const thrownAway = { fromEventMs: [], fromSurfaceMs: [], withdrawnMs: [], bareMs: [] };
      for (let asked = 0; asked < asksPerRound; asked += 1)
        await withDeadline(
          one(rig, heard, round === 0 ? thrownAway : all),
          LIMIT_MS,
          'An approval',
        );
      await rig.host.turnEnded(sessionId, round + 1);
    }
    if (rig.service.faults.length > 0) throw new Error(rig.service.faults.join('; '));
    return figures(all);
  } finally {
    await stopAll(stops);
  }
}

function figures({ fromEventMs, fromSurfaceMs, withdrawnMs, bareMs }: Samples): Figure[] {
  const bare = percentile(bareMs, 0.5);
  const handed = percentile(fromEventMs, 0.5);
  return [
    figure('approval → push at the push service, p50', handed, 'ms', { atMost: 50 }),
    figure('approval → push at the push service, p99', percentile(fromEventMs, 0.99), 'ms'),
    figure('surface told → push there, p50', percentile(fromSurfaceMs, 0.5), 'ms'),
    figure('surface told → push there, p99', percentile(fromSurfaceMs, 0.99), 'ms'),
    figure('decision → withdrawal there, p50', percentile(withdrawnMs, 0.5), 'ms'),
    figure('decision → withdrawal there, p99', percentile(withdrawnMs, 0.99), 'ms'),
    figure('a POST of as many bytes, p50', bare, 'ms'),
    figure('a POST of as many bytes, p99', percentile(bareMs, 0.99), 'ms'),
    figure('approval → push, in times of such a POST, p50', handed / bare, '×'),
    figure('approvals measured', fromEventMs.length, ''),
  ];
}

async function one(rig: NotifyRig, heard: Heard, into: Samples): Promise<void> {
  const { approval, atMs: toldMs } = await heard.told.next();
  const { push, atMs: pushedMs } = await heard.shown.next();
  if (push.payload.type !== 'show' || push.payload.tag !== approval.id)
    throw new Error(`${approval.id} was told as ${JSON.stringify(push.payload)}`);
  into.fromEventMs.push(pushedMs - Date.parse(approval.createdAt));
  into.fromSurfaceMs.push(pushedMs - toldMs);
  into.bareMs.push(await bareMs(rig, push.sealed));
  const decidedMs = nowMs();
  await rig.host.allow(approval);
  into.withdrawnMs.push((await heard.withdrawn.next()).atMs - decidedMs);
}

interface Heard {
  /** A surface on this machine, of an approval that it did not know. */
  readonly told: Line<{ approval: Approval; atMs: number }>;
  readonly shown: Line<{ push: TakenPush; atMs: number }>;
  readonly withdrawn: Line<{ atMs: number }>;
}

function hearing({ host, service }: NotifyRig): Heard {
  const heard: Heard = { told: new Line(), shown: new Line(), withdrawn: new Line() };
  const known = new Set<string>();
  host.client.notices.on((notice) => {
    const atMs = nowMs();
    const approvals = notice.name === 'desk.approvals' ? notice.params.approvals : [];
    for (const approval of approvals.filter(({ id }) => !known.has(id))) {
      known.add(approval.id);
      heard.told.put({ approval, atMs });
    }
  });
  service.pushed.on((push) => {
    const atMs = nowMs();
    if (push.payload.type === 'show') heard.shown.put({ push, atMs });
    else heard.withdrawn.put({ atMs });
  });
  return heard;
}

/** What came, in order, for one who waits for it. */
class Line<T> {
  readonly #come: T[] = [];
  #waiting: ((value: T) => void) | null = null;

  put(value: T): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) this.#come.push(value);
    else waiting(value);
  }

  async next(): Promise<T> {
    const first = this.#come.shift();
    if (first !== undefined) return first;
    return await new Promise<T>((resolve) => (this.#waiting = resolve));
  }
}

/** To a subscription that there is none of: it is read in whole, and answered. */
async function bareMs({ service }: NotifyRig, body: Uint8Array): Promise<number> {
  const from = nowMs();
  await new Promise<void>((resolve, reject) => {
    const sent = request(`${service.origin}/push/nobody`, { method: 'POST', agent: new Agent() });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      answer.resume();
      answer.on('end', resolve);
    });
    sent.end(body);
  });
  return nowMs() - from;
}

/** By the clock on the wall, which is the host's too, and finer than its milliseconds. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
