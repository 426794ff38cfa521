import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

/** Error codes of JetStream's API, nats-server `server/errors.json`. */
export const STREAM_NOT_FOUND = 10_059;
const WRONG_LAST_SEQUENCE: readonly number[] = [10_071, 10_164];
export const NAME_IN_USE = 10_058;
export const NO_REPLICAS_HERE = 10_074;
/** No suitable peers; and no room on them. */
const TOO_FEW_PEERS: readonly number[] = [10_005, 10_023];
/** Of a disk, an account or a stream: it is full. */
const FULL: readonly number[] = [10_002, 10_023, 10_028, 10_047, 10_077, 10_122];
/**
 * No leader yet, or none any more; a system that is busy or starting; the same message under way already
 * (2.10 and later: the next attempt hears its sequence).
 */
const PASSING: readonly number[] = [
  ...[10_007, 10_008, 10_009, 10_101, 10_158, 10_163, 10_167],
  STREAM_NOT_FOUND,
];
const UNAVAILABLE = 503;

const PASSING_KINDS = [
  errors.TimeoutError,
  errors.RequestError,
  errors.NoRespondersError,
  errors.ClosedConnectionError,
  errors.DrainingConnectionError,
  JetStreamError,
];

/** Whether the same may well succeed a moment later: it timed out, nobody heard it, the connection ended. */
export function isPassing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) {
    // `raft: not leader` comes without a code of its own.
    const isNameless = error.status === UNAVAILABLE && !(error.code > 0);
    return isNameless || PASSING.includes(error.code);
  }
  return isNobodyThere(error) || PASSING_KINDS.some((kind) => error instanceof kind);
}

/** The client does not export the class. */
function isNobodyThere(error: unknown): boolean {
  return error instanceof Error && error.name === 'JetStreamNotEnabled';
}

export function isFull(error: unknown): boolean {
  return error instanceof JetStreamApiError && FULL.includes(error.code);
}

export function isWrongSequence(error: unknown): boolean {
  return error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.includes(error.code);
}

export function jetProblem(error: unknown): string {
  if (error instanceof JetStreamApiError) {
    const said = `${error.message} (${error.code})`;
    if (TOO_FEW_PEERS.includes(error.code))
      return `there are fewer servers with room than copies are wanted: start them, or say how many with --nats-replicas. NATS says: ${said}`;
    if (error.code === NO_REPLICAS_HERE)
      return `this NATS is no cluster and keeps one copy: say --nats-replicas 1, or nothing. NATS says: ${said}`;
    return said;
  }
  if (!(error instanceof Error)) return String(error);
  switch (error.name) {
    case 'TimeoutError':
      return 'no answer in time';
    case 'JetStreamNotEnabled':
      return 'nobody answers: it is off at the server, or its leader is being elected';
    default:
      return error.message;
  }
}
