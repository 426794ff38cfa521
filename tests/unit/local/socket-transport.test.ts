import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectSocket, SocketTransport } from '../../../src/local/socket-transport.ts';

test('a connection that was closed before anyone listened is told to be closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'socket-'));
  const server = createServer((socket) => socket.destroy());
  server.listen(join(folder, 's'));
  await once(server, 'listening');
  try {
    const socket = await connectSocket(join(folder, 's'), 5_000);
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    const reason = await new Promise<string>((resolve) => {
      new SocketTransport(socket).start({ message: () => {}, close: resolve });
    });
    expect(reason).toBe('the other side closed');
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
