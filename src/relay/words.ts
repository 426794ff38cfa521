import type { RelayMessage } from '../protocol/relay.ts';
import type { Line } from './line.ts';

export const REVOKED = 'The host has ended the pairing of this device.';
export const TOO_SLOW = 'Too much was left unread.';
export const NOT_OF_THIS_PROTOCOL = 'That is not of this protocol.';

export function tell(line: Line, message: RelayMessage): void {
  line.sendText(JSON.stringify(message));
}
