import type { LinkFacts } from '../../../src/connection/device/link-facts.ts';
import type { LinkState } from '../../../src/connection/reconnect.ts';
import type { KnownHost } from '../phone-world.ts';
import { phone } from '../../strings/phone.ts';
import { clockOf } from '../../ui/time.ts';

const t = phone.link;

/** A leg that is lost for less than this is most often back before it is read. */
const PATIENCE_MS = 3_000;
/** Longer silence than this is said; it need not mean anything, since an idle host says nothing. */
export const FRESH_MS = 60_000;
/** A system that goes to sleep waits this long for programs at the most. */
const GOING_LIMIT_MS = 30_000;
/** Attempts that may fail before a host that is said to be there counts as silent. */
const TRIES = 1;

export interface LinkWords {
  /**
   * `live`: the host itself was heard or answered a moment ago. `quiet`: connected, but nothing of
   * the host is fresh. `trying`: on the way. `asleep`: silent, and not gone. `broken`: the leg that is
   * broken is named.
   */
  readonly kind: 'live' | 'quiet' | 'trying' | 'asleep' | 'broken';
  readonly title: string;
  readonly body: string;
}

export interface LinkGiven {
  readonly facts: LinkFacts;
  readonly link: LinkState;
  readonly hostName: string;
  /** Why it went to sleep, where it said so; its machine may be awake by now. */
  readonly why: string | null;
  /** What it said of its end, and of what brings it back; absent: nothing. */
  readonly back?: Pick<KnownHost, 'service' | 'stoppedAtMs'> | undefined;
  readonly nowMs: number;
}

/** Which leg of the way stands, in words. Only what the host itself sealed counts as its word. */
export function linkWords(given: LinkGiven): LinkWords {
  const { facts, link, hostName, nowMs } = given;
  const asleep = asleepWords(given);
  if (link.kind === 'refused') return { kind: 'broken', title: t.refused, body: link.reason };
  if (!facts.network) return { kind: 'broken', title: t.noNetwork, body: t.noNetworkBody };
  if (link.kind === 'up') {
    if (asleep !== null && !hasAnswered(facts)) return asleep;
    const fresh = freshMs(facts);
    return fresh !== null && nowMs - fresh < FRESH_MS
      ? { kind: 'live', title: t.live(hostName), body: '' }
      : { kind: 'quiet', title: t.quiet(hostName, sinceWords(fresh, nowMs)), body: t.quietBody };
  }
  // The host's own relay sleeps with it.
  if (!facts.relay.up && asleep !== null) return asleep;
  if (!facts.relay.up)
    return isPatient(facts.relay.sinceMs, nowMs)
      ? { kind: 'trying', title: t.trying(hostName), body: '' }
      : {
          kind: 'broken',
          title: t.noRelay(sinceWords(facts.relay.sinceMs, nowMs)),
          // Its own relay ended with it.
          body: isStopped(given) ? t.stoppedBody : t.noRelayBody,
        };
  if (asleep !== null && !isBack(facts, link)) return asleep;
  if (facts.host.here === false)
    return {
      kind: 'broken',
      title: t.away(hostName, sinceWords(facts.host.sinceMs, nowMs)),
      body: awayBody(given),
    };
  return link.kind === 'down' && link.failures > TRIES
    ? { kind: 'broken', title: t.silent(hostName), body: link.reason }
    : { kind: 'trying', title: t.trying(hostName), body: '' };
}

const isStopped = ({ back }: LinkGiven): boolean => typeof back?.stoppedAtMs === 'number';

/** Whether it comes back by itself, as far as it said what would bring it back. */
function awayBody(given: LinkGiven): string {
  if (isStopped(given)) return t.stoppedBody;
  const { service } = given.back ?? {};
  if (service === undefined) return t.awayBody;
  return service.installed ? t.comesBack : t.comesBackNot;
}

/** Silence that was announced is no alarm: what works meanwhile is said. */
function asleepWords({ facts: { host }, hostName, why, nowMs }: LinkGiven): LinkWords | null {
  if (host.asleepSinceMs === null) return null;
  const reason =
    host.asleepSaidBy === 'relay'
      ? t.asleepHint(hostName)
      : why === null || why === ''
        ? t.asleepSaid(hostName)
        : t.asleepWhy(hostName, why);
  return {
    kind: 'asleep',
    title: t.asleep(clockOf(new Date(host.asleepSinceMs).toISOString(), nowMs)),
    body: `${reason} ${t.asleepBody}`,
  };
}

/** The sleep was called off, and nobody has said so. */
function hasAnswered({ checked, host }: LinkFacts): boolean {
  return checked !== null && checked.atMs > (host.asleepSinceMs ?? 0) + GOING_LIMIT_MS;
}

/** Its relay has it again. Where that does not lead to the host, the relay has not noticed yet. */
function isBack({ host }: LinkFacts, link: LinkState): boolean {
  const failures = link.kind === 'down' || link.kind === 'connecting' ? link.failures : 0;
  return host.here === true && (host.sinceMs ?? 0) > (host.asleepSinceMs ?? 0) && failures <= TRIES;
}

/** `12 s ago`, `4 min ago`, `at 14:03`; null and what lies in the future say so plainly. */
export function agoWords(atMs: number | null, nowMs: number): string {
  if (atMs === null) return t.never;
  const agoMs = Math.max(0, nowMs - atMs);
  if (agoMs < 2_000) return t.now;
  if (agoMs < 60_000) return t.secondsAgo(Math.floor(agoMs / 1_000));
  if (agoMs < 3_600_000) return t.minutesAgo(Math.floor(agoMs / 60_000));
  return t.at(clockOf(new Date(atMs).toISOString(), nowMs));
}

/** When something of the host itself last arrived. */
function freshMs({ heardAtMs, checked }: LinkFacts): number | null {
  if (heardAtMs === null) return checked?.atMs ?? null;
  return Math.max(heardAtMs, checked?.atMs ?? 0);
}

function sinceWords(sinceMs: number | null, nowMs: number): string {
  if (sinceMs === null) return '';
  const forMs = Math.max(0, nowMs - sinceMs);
  if (forMs < 1_000) return '';
  if (forMs < 60_000) return t.forSeconds(Math.floor(forMs / 1_000));
  if (forMs < 3_600_000) return t.forMinutes(Math.floor(forMs / 60_000));
  return t.since(clockOf(new Date(sinceMs).toISOString(), nowMs));
}

function isPatient(sinceMs: number | null, nowMs: number): boolean {
  return sinceMs === null || nowMs - sinceMs < PATIENCE_MS;
}
