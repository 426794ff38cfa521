import { v7 } from 'uuid';
import { beforeEach, expect, test } from 'vitest';
import { CommandClaims } from '../../../../src/host/sessions/command-claims.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { commandIdSchema, type CommandId } from '../../../../src/protocol/ids.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';

const DAY_MS = 24 * 3_600_000;
const NOW = Date.UTC(2026, 5, 1);
const device = (n: number) => deviceIdSchema.parse(Buffer.alloc(16, n).toString('base64url'));
const command = (ageMs = 0): CommandId => commandIdSchema.parse(v7({ msecs: NOW - ageMs }));

let rows: Map<string, unknown>;
let claims: CommandClaims;
beforeEach(() => {
  rows = new Map();
  const putCommand = (surface: string, id: string, result: unknown) =>
    void rows.set(`${surface} ${id}`, result);
  claims = new CommandClaims({
    log: { commit: (work) => work({ putCommand }) },
    store: {
      command: (surface, id) =>
        rows.has(`${surface} ${id}`) ? { result: rows.get(`${surface} ${id}`) } : null,
    },
    now: () => new Date(NOW),
  });
});

const refusal = (who: number | null, id: CommandId): unknown => {
  try {
    claims.claim(who === null ? null : device(who), id);
    return null;
  } catch (error) {
    return error instanceof Error && 'data' in error ? error.data : error;
  }
};

test('a device may send its own command again, and nobody else may', () => {
  const mine = command();
  expect([refusal(1, mine), refusal(1, mine), refusal(2, mine), refusal(null, mine)]).toEqual([
    null,
    null,
    { kind: 'notYours' },
    { kind: 'notYours' },
  ]);
});

test("a command of this machine's own surfaces is no device's", () => {
  const done = command();
  rows.set(`local ${done}`, { state: 'idle' });
  expect([refusal(null, done), refusal(1, done)]).toEqual([null, { kind: 'notYours' }]);
  expect([refusal(null, command()), rows.size]).toEqual([null, 1]);
});

test('a command that waited over 7 days is refused, and one of a clock over a day ahead', () => {
  expect([
    refusal(1, command(7 * DAY_MS)),
    refusal(1, command(7 * DAY_MS + 1)),
    refusal(1, command(-DAY_MS)),
    refusal(1, command(-DAY_MS - 1)),
    refusal(null, command(30 * DAY_MS)),
  ]).toEqual([null, { kind: 'tooOld' }, null, { kind: 'clock' }, null]);
});

test('also one that was done is not answered any more when it is too old', () => {
  const old = command(8 * DAY_MS);
  rows.set(`device ${old}`, device(1));
  expect(refusal(1, old)).toEqual({ kind: 'tooOld' });
});

test('what was left and refused is refused again in the same words, to its device alone', () => {
  const [mine, never] = [command(), command()];
  claims.claim(device(1), mine);
  claims.refused(device(1), mine, new RpcFailure('notFound', 'no such session', { kind: 'gone' }));
  claims.refused(device(2), mine, new RpcFailure('refused', 'of another'));
  claims.refused(device(1), never, new RpcFailure('notAllowed', 'its role'));
  expect(() => claims.claim(device(1), mine)).toThrow(
    new RpcFailure('notFound', 'no such session', { kind: 'gone' }),
  );
  expect([refusal(2, mine), refusal(1, never), refusal(1, never)]).toEqual([
    { kind: 'notYours' },
    null,
    null,
  ]);
});
