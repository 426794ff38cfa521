import type { NatsConnection } from '@nats-io/transport-node';

/**
 * Bytes published that the system has not taken yet. The client has no word for it; what is looked at
 * is where 3.4 keeps them, and its version is pinned. 0 where that is not found.
 */
export function unsentBytesOf(connection: NatsConnection): number {
  const protocol = inside(connection, 'protocol');
  const outbound = inside(protocol, 'outbound');
  const socket = inside(inside(protocol, 'transport'), 'socket');
  return numberIn(outbound, 'byteLength') + numberIn(socket, 'writableLength');
}

/** What an object of the client has under this name, whatever the client says of it. */
export function inside(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}

function numberIn(of: unknown, name: string): number {
  const found = inside(of, name);
  return typeof found === 'number' ? found : 0;
}
