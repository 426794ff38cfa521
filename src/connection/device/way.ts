import { RELAY_PATH, RELAY_SUBPROTOCOL } from '../../protocol/relay.ts';
import type { OpenSocket, RelayNetwork, SocketEvents } from './ports.ts';
import { pollSocket } from './poll-socket.ts';

/** So many WebSockets in a row that never came to speak with the relay, and the fallback is tried. */
const SOCKET_FAILURES = 2;
/**
 * And for so long, where one has worked lately: more likely the relay is away for a moment, and who
 * happened to try the fallback when it came back would stay with that, which costs both sides more.
 */
const OUTAGE_MS = 10_000;
/** After this long a WebSocket is tried again first: the phone may be in another network. */
const SOCKET_AGAIN_MS = 5 * 60_000;

export type WayName = 'socket' | 'poll';

/** Which way to a relay is tried next: WebSocket, or POST and events where that is blocked. */
export class WayChoice {
  readonly #hasPoll: boolean;
  #socketFailures = 0;
  /** Since the first of those. */
  #failingSinceMs = 0;
  #socketWorkedAtMs: number | null = null;
  #pollSinceMs: number | null = null;

  constructor(hasPoll: boolean) {
    this.#hasPoll = hasPoll;
  }

  next(nowMs: number): WayName {
    if (!this.#hasPoll) return 'socket';
    if (this.#pollSinceMs !== null)
      return nowMs - this.#pollSinceMs < SOCKET_AGAIN_MS ? 'poll' : 'socket';
    const isBlocked = this.#socketFailures >= SOCKET_FAILURES && !this.#mayBeOutage(nowMs);
    return isBlocked ? 'poll' : 'socket';
  }

  /** The relay spoke. */
  worked(way: WayName, nowMs: number): void {
    this.#socketFailures = 0;
    if (way === 'socket') {
      this.#pollSinceMs = null;
      this.#socketWorkedAtMs = nowMs;
    } else {
      this.#pollSinceMs ??= nowMs;
      this.#socketWorkedAtMs = null;
    }
  }

  /** It ended, and had worked. */
  ended(way: WayName, nowMs: number): void {
    if (way === 'socket') this.#socketWorkedAtMs = nowMs;
  }

  /** It ended and the relay had never spoken. */
  failed(way: WayName, nowMs: number): void {
    if (this.#socketFailures === 0) this.#failingSinceMs = nowMs;
    // Where both fail the relay is away, and nothing is known of the ways.
    this.#pollSinceMs = null;
    this.#socketFailures = way === 'socket' ? this.#socketFailures + 1 : 0;
  }

  #mayBeOutage(nowMs: number): boolean {
    const workedAtMs = this.#socketWorkedAtMs;
    const isLately = workedAtMs !== null && nowMs - workedAtMs < SOCKET_AGAIN_MS;
    return isLately && nowMs - this.#failingSinceMs < OUTAGE_MS;
  }
}

export function openWay(
  way: WayName,
  network: RelayNetwork,
  relay: string,
  on: SocketEvents,
): OpenSocket {
  if (way === 'poll' && network.fetch !== undefined) return pollSocket(network.fetch, relay, on);
  // http → ws, https → wss.
  return network.socket(`ws${relay.slice('http'.length)}${RELAY_PATH}`, RELAY_SUBPROTOCOL, on);
}
