import { relayMessageSchema, type RelayMessage } from '../../protocol/relay.ts';

/** null: a newer relay's, or nonsense. */
export function readRelayMessage(text: string): RelayMessage | null {
  try {
    return relayMessageSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
