import { connect } from 'node:net';
import { errors } from '@nats-io/transport-node';

const DEFAULT_PORT = 4222;

/**
 * Resolves when a server greets who connects, as NATS does first of all. To be asked before it is
 * dialled: a connection that a server has taken and then never greeted, since it hangs, the client
 * (3.4, `ProtocolHandler.dial`) gives up without ever closing it.
 */
export async function greets(server: string, limitMs: number): Promise<void> {
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: port === '' ? DEFAULT_PORT : Number(port) });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new errors.TimeoutError()), limitMs);
      socket.once('data', () => resolve());
      socket.on('error', reject);
      socket.once('close', () => reject(new Error('it hangs up')));
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
