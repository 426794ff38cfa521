import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import {
  isFull,
  isPassing,
  isWrongSequence,
  jetProblem,
} from '../../../../src/relay/cluster/jet-words.ts';

/** As a server says it; of `raft: not leader` it says no code of its own, nats-server 2.11. */
const said = (code: number, status: number, description: string): JetStreamApiError =>
  new JetStreamApiError({ code: status, err_code: code, description });

test('what JetStream says is tried again, is full, or is another’s write, and nothing of both', () => {
  const verdicts = {
    'no leader': said(10_008, 503, 'JetStream system temporarily unavailable'),
    'not leader any more': said(0, 503, 'raft: not leader'),
    'under way already': said(10_158, 409, 'duplicate message id is in process'),
    'stream is gone': said(10_059, 404, 'stream not found'),
    'too many requests': said(10_167, 429, 'too many requests'),
    'no answer': new errors.TimeoutError(),
    'connection ended': new errors.ClosedConnectionError(),
    'disk is full': said(10_047, 500, 'insufficient storage resources available'),
    'stream is full': said(10_077, 503, 'maximum bytes exceeded'),
    'written by another': said(10_071, 400, 'wrong last sequence: 7'),
    'written by another, in a cluster': said(10_164, 400, 'wrong last sequence'),
    'bad request': said(10_003, 400, 'bad request'),
    'a bug': new TypeError('x is not a function'),
  };
  const judged = Object.entries(verdicts).map(([name, error]) => {
    const is = [isPassing(error), isFull(error), isWrongSequence(error)];
    return [name, ['passing', 'full', 'wrong'].filter((_, n) => is[n]).join(' and ')];
  });
  expect(Object.fromEntries(judged)).toEqual({
    'no leader': 'passing',
    'not leader any more': 'passing',
    'under way already': 'passing',
    'stream is gone': 'passing',
    'too many requests': 'passing',
    'no answer': 'passing',
    'connection ended': 'passing',
    'disk is full': 'full',
    'stream is full': 'full',
    'written by another': 'wrong',
    'written by another, in a cluster': 'wrong',
    'bad request': '',
    'a bug': '',
  });
});

test('too few servers for the copies that are wanted are said with what to do', () => {
  expect(jetProblem(said(10_005, 400, 'no suitable peers for placement'))).toBe(
    'there are fewer servers with room than copies are wanted: start them, or say how many with --nats-replicas. NATS says: no suitable peers for placement (10005)',
  );
});
