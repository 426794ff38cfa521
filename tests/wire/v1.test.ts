import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rpcMessageSchema } from '../../src/protocol/envelope.ts';
import { RPC_ERRORS } from '../../src/protocol/errors.ts';
import {
  methods,
  notifications,
  type MethodName,
  type NotificationName,
} from '../../src/protocol/methods.ts';
import {
  eventBodySchema,
  sessionEventSchema,
  type EventType,
} from '../../src/protocol/session/events.ts';
import {
  pairingGuestSchema,
  pairingHelloSchema,
  pairingResultSchema,
  pairingWelcomeSchema,
} from '../../src/protocol/pairing.ts';
import { pushPayloadSchema } from '../../src/protocol/push.ts';
import {
  admissionSchema,
  guestControlSchema,
  hostControlSchema,
  pollClosedSchema,
  pollOpenedSchema,
  pollUpSchema,
  relayHealthSchema,
  relayMessageSchema,
  relayReadySchema,
} from '../../src/protocol/relay.ts';
import { OLDEST_SUPPORTED_VERSION, PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { untold, type Message } from './untold.ts';
import envelopes from './v1/envelopes.json' with { type: 'json' };
import errors from './v1/errors.json' with { type: 'json' };
import events from './v1/events.json' with { type: 'json' };
import methodFixtures from './v1/methods.json' with { type: 'json' };
import notificationFixtures from './v1/notifications.json' with { type: 'json' };
import pairingFixtures from './v1/pairing.json' with { type: 'json' };
import pushFixtures from './v1/push.json' with { type: 'json' };
import relayFixtures from './v1/relay.json' with { type: 'json' };

// A new type, method or notification does not compile until it has a fixture.
type StoredType = Exclude<EventType, 'unrecognized'>;
const byType: Record<StoredType, readonly unknown[]> = events;
const byMethod: Record<MethodName, { params: readonly unknown[]; result: readonly unknown[] }> =
  methodFixtures;
const byNotification: Record<NotificationName, readonly unknown[]> = notificationFixtures;

/**
 * SHA-256 of each file as it stood when it was last added to. What is in a file is what surfaces in
 * people's pockets say and understand: add examples at the end, never change one that was released.
 */
const FROZEN: Record<string, string> = {
  envelopes: 'e2ea3c18dc0736392f0e477bc2a603264fd473ac67d3770bd7f8db9b0d80b60e',
  errors: '15becbf873087948167ec6bb138ed0fe475ae14789fb86dc5fe8baa1c8327b94',
  events: 'b08a5f07f7d877fab5c64004f888888fc90e46c893250579baa176e11e855433',
  methods: '307457319cbea84e3ea076f36104ec51444e2fccc05d2b617ac1aaf72113d17b',
  notifications: '9b6cd8ab3b2d3cc2a6384cd3779b7dc65297e1cd60547e18f33d857e49d66568',
  pairing: 'dd6909ef0c902e50ddb40ed2cfbbe79b44bdd9070658042d85c9b8bed63ee9ac',
  push: '9f8aef72a6f34f2cb94f0f378dd41031ec128f3e4ca6f7ca16f6aed132dbc0ef',
  relay: '116654cf4164500b8237b56937804944e83e04af49d923cd346937cc55d5d594',
};

const storedEvents = eventBodySchema.options.filter(
  (option) => option.shape.type.value !== 'unrecognized',
);
const table: readonly Message[] = [
  ...Object.entries(byType).map(([name, examples]) => ({
    name,
    schema: sessionEventSchema,
    examples,
  })),
  ...Object.entries(methods).flatMap(([name, { params, result }]) => {
    const fixture = byMethod[name as MethodName];
    return [
      { name: `${name} params`, schema: params, examples: fixture.params },
      { name: `${name} result`, schema: result, examples: fixture.result },
    ];
  }),
  ...Object.entries(notifications).map(([name, schema]) => ({
    name: `${name} (notification)`,
    schema,
    examples: byNotification[name as NotificationName],
  })),
  { name: 'relay → client', schema: relayMessageSchema, examples: relayFixtures.relay },
  { name: 'admission', schema: admissionSchema, examples: relayFixtures.admission },
  { name: 'device → relay', schema: guestControlSchema, examples: relayFixtures.device },
  { name: 'host → relay', schema: hostControlSchema, examples: relayFixtures.host },
  { name: 'poll opened', schema: pollOpenedSchema, examples: relayFixtures.pollOpened },
  { name: 'poll closed', schema: pollClosedSchema, examples: relayFixtures.pollClosed },
  { name: 'poll up', schema: pollUpSchema, examples: relayFixtures.pollUp },
  { name: 'relay health', schema: relayHealthSchema, examples: relayFixtures.health },
  { name: 'relay ready', schema: relayReadySchema, examples: relayFixtures.ready },
  { name: 'pairing hello', schema: pairingHelloSchema, examples: pairingFixtures.hello },
  { name: 'pairing welcome', schema: pairingWelcomeSchema, examples: pairingFixtures.welcome },
  { name: 'pairing guest', schema: pairingGuestSchema, examples: pairingFixtures.guest },
  { name: 'push payload', schema: pushPayloadSchema, examples: pushFixtures.payload },
  { name: 'pairing result', schema: pairingResultSchema, examples: pairingFixtures.result },
];

describe('protocol version 1', () => {
  test('is the one spoken, and the oldest served', () => {
    expect({ PROTOCOL_VERSION, OLDEST_SUPPORTED_VERSION }).toEqual({
      PROTOCOL_VERSION: 1,
      OLDEST_SUPPORTED_VERSION: 1,
    });
  });

  test('has an example of every event, method and notification, and of nothing else', () => {
    expect({
      events: Object.keys(byType).toSorted(),
      methods: Object.keys(byMethod).toSorted(),
      notifications: Object.keys(byNotification).toSorted(),
    }).toEqual({
      events: storedEvents.map((option) => option.shape.type.value).toSorted(),
      methods: Object.keys(methods).toSorted(),
      notifications: Object.keys(notifications).toSorted(),
    });
  });

  test.each(table)('$name is understood, whole', ({ schema, examples }) => {
    for (const example of examples) expect(schema.parse(example)).toMatchObject(example as object);
  });

  test.each(table)(
    '$name with a field of a later version is understood as before',
    ({ schema, examples }) => {
      for (const example of examples)
        expect(schema.parse({ ...(example as object), addedLater: { x: 1 } })).toEqual(
          schema.parse(example),
        );
    },
  );

  test('shows every field, variant and word there is', () => {
    const bodies = storedEvents.map((schema) => {
      const type = schema.shape.type.value;
      return { name: type, schema, examples: type === 'unrecognized' ? [] : byType[type] };
    });
    const others = table.filter(({ schema }) => schema !== sessionEventSchema);
    expect(untold([...bodies, ...others], new Set([sessionEventSchema]))).toEqual([]);
  });

  test('an event of a type that came later counts, and is passed over', () => {
    expect(
      sessionEventSchema.parse({
        type: 'weather.changed',
        to: 'rain',
        seq: 7,
        at: '2026-03-14T09:26:53.589Z',
      }),
    ).toEqual({
      type: 'unrecognized',
      name: 'weather.changed',
      seq: 7,
      at: '2026-03-14T09:26:53.589Z',
    });
  });

  test('has these envelopes and these error codes', () => {
    for (const example of Object.values(envelopes).flat())
      expect(rpcMessageSchema.parse(example)).toEqual(example);
    expect(RPC_ERRORS).toMatchObject(errors);
  });

  test.each(Object.keys(FROZEN))('the examples in %s.json are as they were', (name) => {
    const text = readFileSync(join(import.meta.dirname, 'v1', `${name}.json`));
    expect(createHash('sha256').update(text).digest('hex')).toBe(FROZEN[name]);
  });
});
