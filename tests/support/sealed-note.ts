import { randomBytes } from 'node:crypto';
import webPush from 'web-push';
import { pushPayloadSchema, type PushSubscriptionJson } from '../../src/protocol/push.ts';
import { noteSchema, type Note } from '../../src/protocol/relay.ts';

const { publicKey, privateKey } = webPush.generateVAPIDKeys();
let round = 0;

/** A note as a host leaves it, sealed and signed. */
export function sealedNote(
  device: string,
  { endpoint, keys }: PushSubscriptionJson,
  fields: Partial<Note> = {},
): Note {
  round += 1;
  const payload = pushPayloadSchema.parse({
    ...{ v: 1, type: 'silence', host: 'a-host', badge: 0, tag: 'silence', round },
    ...{ hostName: 'desk', writtenAt: '2026-11-21T14:02:00.000Z', working: 2 },
  });
  const { headers, body } = webPush.generateRequestDetails(
    { endpoint, keys },
    JSON.stringify(payload),
    {
      ...{ TTL: 600, urgency: 'high', contentEncoding: 'aes128gcm' },
      vapidDetails: { subject: 'mailto:someone@example.org', publicKey, privateKey },
    },
  );
  return noteSchema.parse({
    ...{ device, endpoint, body: (body ?? Buffer.alloc(0)).toString('base64url') },
    ...{ authorization: String(headers['Authorization']), ttlSec: 600, afterSec: 1 },
    ...{ topic: randomBytes(24).toString('base64url'), goodForSec: 3_600 },
    ...fields,
  });
}
