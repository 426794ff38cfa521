import { describe, expect, test } from 'vitest';
import { payloadOf } from '../../../../../../renderer/phone/worker/push/payload.ts';
import { ATTENTION_KINDS } from '../../../../../../src/protocol/attention.ts';
import { pushPayloadSchema, type PushPayload } from '../../../../../../src/protocol/push.ts';

const head = { v: 1 as const, host: 'h'.repeat(43), badge: 3 };
const at = '2026-11-21T08:00:00.000Z';
const FINE: readonly PushPayload[] = [
  pushPayloadSchema.parse({
    ...{ type: 'show', ...head, tag: 'a_0123456789ab', round: 1, kind: 'decision' },
    ...{ title: 'Shop', body: 'npm test', at, loud: true, count: 20, hash: 'f'.repeat(64) },
    ...{ sessionId: 's_0123456789ab', approvalId: 'a_0123456789ab' },
  }),
  pushPayloadSchema.parse({ type: 'withdraw', ...head, tags: ['a', 'b'], words: 'Decided.' }),
  pushPayloadSchema.parse({
    ...{ type: 'silence', ...head, tag: 'silence', round: 2, hostName: 'desk' },
    ...{ writtenAt: at, working: 2 },
  }),
];
/** What stands in for each field in turn. */
const ODD: readonly unknown[] = [
  ...[undefined, null, '', 'x', 'x'.repeat(10_000), true, 0, 1, -1, 1.5, 1e300, 10_000],
  ...[[], [''], ['ok'], ['x'.repeat(121)], Array.from({ length: 21 }, () => 't'), {}],
  ...['2026-11-21', '2026-13-01T00:00:00Z', '2026-11-21T08:00:00+01:00', '2026-11-21T08:00Z'],
  ...['2026-02-30T08:00:00Z', '2026-11-21T25:00:00Z', 's_0123456789ab\n', 'S_0123456789AB'],
  ...[...ATTENTION_KINDS, 'toString', 'show', 'nuke', '__proto__'],
];

const agreed = (value: unknown): [unknown, unknown] => [
  payloadOf(JSON.stringify(value) ?? ''),
  pushPayloadSchema.safeParse(value).data ?? null,
];

describe('what a push says', () => {
  test('is read as the schema of the wire reads it', () => {
    for (const payload of FINE) expect(payloadOf(JSON.stringify(payload))).toEqual(payload);
  });

  test('is taken or refused as the schema would, whatever stands in any field', () => {
    for (const payload of FINE)
      for (const name of [...Object.keys(payload), 'constructor', 'more'])
        for (const odd of ODD) {
          const value = { ...payload, [name]: odd };
          const [own, schema] = agreed(JSON.parse(JSON.stringify(value)));
          expect(own, `${payload.type}.${name} = ${JSON.stringify(odd)}`).toEqual(schema);
        }
  });

  test('is refused where it is no object, no JSON, or too long for any push service', () => {
    for (const text of ['', 'null', '[]', '7', '"show"', '{', `{"a":"${'x'.repeat(20_000)}"}`])
      expect(payloadOf(text)).toBeNull();
  });
});
