import type { MessagePortMain } from 'electron';
import type { Socket } from 'node:net';
import { LineSplitter } from '../base/line-splitter.ts';
import { MAX_SURFACE_MESSAGE_BYTES } from '../protocol/limits.ts';

/** What the window has sent and the host has not read: two whole messages. */
const MAX_UNREAD_BYTES = 2 * MAX_SURFACE_MESSAGE_BYTES;

/** The part of Electron's port that is used here. */
export type Port = Pick<MessagePortMain, 'postMessage' | 'start' | 'close'> & {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
};

/**
 * Carries lines between a window and its own socket to the host, unread: the window speaks the
 * protocol itself. Towards the window a port has no backpressure; the host's window of
 * unacknowledged events bounds what can pile up there.
 */
export async function joinHostPort(port: Port, open: () => Promise<Socket>): Promise<void> {
  let socket: Socket | null = null;
  let isClosed = false;
  const close = (reason: string): void => {
    if (isClosed) return;
    isClosed = true;
    socket?.destroy();
    port.postMessage({ closed: reason });
    port.close();
  };
  port.on('close', () => {
    isClosed = true;
    socket?.destroy();
  });
  const early: string[] = [];
  port.on('message', ({ data }) => {
    if (isClosed) return;
    if (typeof data !== 'string' || data.includes('\n'))
      return close('the window sent something that is not one line of text');
    if (data.length > MAX_SURFACE_MESSAGE_BYTES)
      return close('the window sent a message over the limit');
    if (socket === null) early.push(data);
    else socket.write(`${data}\n`);
    const unread = socket?.writableLength ?? early.reduce((sum, line) => sum + line.length, 0);
    if (unread > MAX_UNREAD_BYTES) close('the host does not read');
  });
  port.start();
  try {
    socket = await open();
  } catch (error) {
    return close(error instanceof Error ? error.message : String(error));
  }
  // The window may have gone, or sent something wrong, in the meantime.
  if (isClosed) return void socket.destroy();
  pump(socket, port, close);
  for (const line of early) socket.write(`${line}\n`);
}

function pump(socket: Socket, port: Port, close: (reason: string) => void): void {
  const lines = new LineSplitter({ maxBytes: MAX_SURFACE_MESSAGE_BYTES });
  socket.on('data', (chunk) => {
    for (const line of lines.push(chunk)) {
      if (line.kind === 'oversize') return close('the host sent a message over the limit');
      if (line.text !== '') port.postMessage(line.text);
    }
  });
  socket.on('error', (error) => close(error.message));
  socket.on('close', () => close('the host closed the connection'));
}
