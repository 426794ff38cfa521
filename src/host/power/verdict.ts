import type { HolderWant } from '../../protocol/holder.ts';
import type { Hold, PowerPolicy, PowerReasonCode } from '../../protocol/power.ts';
import { lostFor, type Guards } from './guards.ts';
import type { LiveHold } from './holds.ts';
import { isQuiet } from '../clock/quiet-hours.ts';

export interface Circumstances {
  readonly holds: readonly LiveHold[];
  readonly policy: PowerPolicy;
  readonly guards: Guards;
  readonly steadyMs: number;
  readonly wallMs: number;
}

export interface Verdict {
  readonly want: HolderWant;
  /** Why the holds do not count; empty when one does, or there are none. */
  readonly heldBack: readonly PowerReasonCode[];
  /** When time alone may change it; Infinity: never. By the steady clock. */
  readonly untilMs: number;
}

/** What follows from all holds, the policy and what the sensors have said. Pure. */
export function judge({ holds, policy, guards, steadyMs, wallMs }: Circumstances): Verdict {
  const untilMs = Math.min(
    Infinity,
    ...holds.flatMap(({ endsMs, countsUntilMs }) =>
      [endsMs, countsUntilMs].filter((ms) => ms > steadyMs),
    ),
  );
  const short = holds.filter(({ countsUntilMs }) => countsUntilMs > steadyMs);
  // A person's own hold is a wish for now, against what holds on other days.
  const counted = short.filter(({ hold }) => policy.keepAwake !== 'off' || hold.kind === 'user');
  const stops = holds.length === 0 ? [] : stopsOf({ policy, guards, steadyMs, wallMs });
  const because: readonly PowerReasonCode[] =
    counted.length > 0 || holds.length === 0 ? [] : short.length > 0 ? ['off'] : ['tooLong'];
  const heldBack = [...because, ...stops];
  const idle = counted.length > 0 && stops.length === 0;
  const lid = idle && (policy.keepAwake === 'lid' || counted.some(({ hold }) => hold.lid));
  const why = idle ? whyOf(counted.map(({ hold }) => hold.kind)) : '';
  return { want: { idle, lid, why }, heldBack, untilMs };
}

function stopsOf({
  policy,
  guards,
  steadyMs,
  wallMs,
}: Omit<Circumstances, 'holds'>): PowerReasonCode[] {
  const { battery, low, hot, batteryLostMs } = guards;
  const looksAtBattery = policy.mainsOnly || policy.batteryFloor > 0;
  const isLost = looksAtBattery && lostFor(batteryLostMs, steadyMs) === 'unknown';
  return [
    ...(policy.mainsOnly && battery?.onMains === false ? ['onBattery' as const] : []),
    ...(low.isOn ? ['batteryLow' as const] : []),
    ...(isLost ? ['batteryUnknown' as const] : []),
    ...(hot.isOn ? ['tooHot' as const] : []),
    ...(isQuiet(policy.quietHours, wallMs) ? ['quietHours' as const] : []),
  ];
}

const WORDS = {
  working: ['session is working', 'sessions are working'],
  waiting: ['session waits for a decision', 'sessions wait for a decision'],
  queued: ['session is about to work', 'sessions are about to work'],
  user: ['hold by hand', 'holds by hand'],
} as const satisfies Record<Hold['kind'], readonly [string, string]>;

/** For the system's own lists, which other users may read: numbers, and no titles. */
function whyOf(kinds: readonly Hold['kind'][]): string {
  const parts = (['working', 'waiting', 'queued', 'user'] as const).flatMap((kind) => {
    const count = kinds.filter((each) => each === kind).length;
    return count === 0 ? [] : [`${count} ${WORDS[kind][count === 1 ? 0 : 1]}`];
  });
  return parts.join(', ').slice(0, 100);
}
