import { ConnectionRefused } from '../../src/connection/refusals.ts';
import type { Transport } from '../../src/connection/transport.ts';
import { HOST_PORT_MESSAGE, type ShellBridge } from '../../src/ipc/schema.ts';
import { portTransport } from './port-transport.ts';
import { forgetSession, sessionOf } from '../state/session-token.ts';
import { webSocketTransport } from '../state/web-socket-transport.ts';

/** How this page reaches its host. */
export interface HostDoor {
  readonly surface: 'window' | 'browser';
  open(): Promise<Transport>;
}

/** In the tray app through the shell's pipe, in a browser through the host's own port. */
export function hostDoor(bridge: ShellBridge | null): HostDoor {
  return bridge === null
    ? { surface: 'browser', open: openSocket }
    : { surface: 'window', open: portOpener(bridge, window) };
}

/** The window as far as a port arrives through it. */
export type PortWindow = Pick<Window, 'addEventListener' | 'removeEventListener'>;

/**
 * One attempt listens at a time: a port that comes late belongs to the attempt that is under way,
 * and must not be closed by one that was given up.
 */
export function portOpener(
  bridge: Pick<ShellBridge, 'openHostPort'>,
  page: PortWindow,
): () => Promise<Transport> {
  let stopListening = (): void => {};
  return () =>
    new Promise((resolve) => {
      stopListening();
      const onMessage = ({ source, data, ports }: MessageEvent<unknown>): void => {
        const [port] = ports;
        if (source !== page || data !== HOST_PORT_MESSAGE || port === undefined) return;
        stopListening();
        resolve(portTransport(port));
      };
      stopListening = () => page.removeEventListener('message', onMessage);
      page.addEventListener('message', onMessage);
      bridge.openHostPort();
    });
}

/**
 * A browser does not tell a page why an upgrade was refused. If the host answers plain requests and
 * still refuses twice, it does not know this tab's session (it was restarted, or the link is old).
 */
async function openSocket(): Promise<Transport> {
  const session = await sessionOf({
    storage: sessionStorage,
    fetch: (path, init) => fetch(path, init),
  });
  try {
    return await socketOnce(session);
  } catch (error) {
    if (!(await hostAnswers())) throw error;
  }
  try {
    return await socketOnce(session);
  } catch (error) {
    if (!(await hostAnswers())) throw error;
    forgetSession(sessionStorage);
    throw new ConnectionRefused('linkUsed');
  }
}

function socketOnce(session: string): Promise<Transport> {
  const address = new URL('ws', location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  address.hash = '';
  const socket = new WebSocket(address, ['porchlight', `session.${session}`]);
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(webSocketTransport(socket));
    socket.onclose = ({ reason }) => reject(new Error(reason || 'The host does not answer.'));
  });
}

async function hostAnswers(): Promise<boolean> {
  try {
    return (await fetch('./', { method: 'HEAD', signal: AbortSignal.timeout(PROBE_LIMIT_MS) })).ok;
  } catch {
    return false;
  }
}

const PROBE_LIMIT_MS = 3_000;
