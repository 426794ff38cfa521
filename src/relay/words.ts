import type { RelayMessage } from '../protocol/relay.ts';
import type { Line } from './line.ts';
import type { Metrics } from './metrics.ts';

export const REVOKED = 'The host has ended the pairing of this device.';
export const TOO_SLOW = 'Too much was left unread.';
export const NOT_OF_THIS_PROTOCOL = 'That is not of this protocol.';

export function tell(line: Line, message: RelayMessage): void {
  line.sendText(JSON.stringify(message));
}

/** Says why a line that is about to be closed is. */
export function refuse(line: Line, { refused }: Metrics): void {
  refused.set('badMessage', (refused.get('badMessage') ?? 0) + 1);
  tell(line, { type: 'refused', code: 'badMessage', message: NOT_OF_THIS_PROTOCOL });
}
