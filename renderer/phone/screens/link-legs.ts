import type { LinkFacts } from '../../../src/connection/device/link-facts.ts';
import type { Leg } from '../../features/reach/reach-words.ts';
import { phoneReach as t } from '../../strings/phone-reach.ts';
import { clockOf } from '../../ui/time.ts';
import type { KnownHost } from '../phone-world.ts';
import { agoWords, type LinkWords } from '../shell/link-words.ts';

/** Silence of a host that has nothing to say is no fault. */
const FRESH_MS = 60_000;

/** The legs that this phone measures itself, nearest first. None is called good because of another. */
export function linkLegs(facts: LinkFacts, hostName: string, nowMs: number): readonly Leg[] {
  const { network, relay, host } = facts;
  const since = relay.sinceMs === null ? '' : `since ${clock(relay.sinceMs, nowMs)}`;
  return [
    {
      id: 'phone',
      name: t.phone,
      tone: network ? 'ok' : 'wrong',
      words: network ? t.network : t.noNetwork,
      detail: null,
    },
    {
      id: 'relay-here',
      name: t.relay,
      tone: relay.up ? 'ok' : 'wrong',
      words: (relay.up ? t.relayUp(relay.rttMs, since) : t.relayDown(since)).trim(),
      detail: relay.up && host.here === false ? t.relaySaysAway : null,
    },
    hostLeg(facts, hostName, nowMs),
  ];
}

function hostLeg({ checked, heardAtMs, host, relay }: LinkFacts, name: string, nowMs: number): Leg {
  const isHeardLast = checked === null || (heardAtMs !== null && heardAtMs > checked.atMs);
  const words =
    checked !== null && !isHeardLast
      ? t.hostChecked(checked.tookMs, agoWords(checked.atMs, nowMs))
      : heardAtMs === null
        ? t.hostNever
        : t.hostHeard(agoWords(heardAtMs, nowMs));
  const atMs = Math.max(heardAtMs ?? 0, checked?.atMs ?? 0);
  const isAway = host.here === false && host.asleepSinceMs === null;
  const isFresh = relay.up && host.asleepSinceMs === null && nowMs - atMs < FRESH_MS;
  const tone = isAway ? 'wrong' : isFresh ? 'ok' : 'unknown';
  return { id: 'host', name: t.host(name), tone, words, detail: null };
}

/** What brings a host back that is not there, and what a phone can do about it; empty: it is there. */
export function reviveWords(
  link: LinkWords['kind'],
  { service, stoppedAtMs }: Pick<KnownHost, 'service' | 'stoppedAtMs'>,
  nowMs: number,
): { readonly lines: readonly string[]; readonly command: string | null } {
  if (link === 'asleep') return { lines: [t.asleep, t.cannot], command: null };
  if (link !== 'broken') return { lines: [], command: null };
  if (typeof stoppedAtMs === 'number')
    return { lines: [t.stopped(clock(stoppedAtMs, nowMs)), t.cannot], command: t.command };
  if (service === undefined) return { lines: [t.cannot], command: t.command };
  return service.installed
    ? { lines: [t.crash, t.reboot, t.cannot], command: null }
    : { lines: [t.crash, t.rebootNot, t.cannot], command: t.command };
}

function clock(atMs: number, nowMs: number): string {
  return clockOf(new Date(atMs).toISOString(), nowMs);
}
