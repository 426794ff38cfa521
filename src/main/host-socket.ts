import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { connectHost, ensureHost, type HostPrograms } from '../local/ensure-host.ts';
import { makeFolder, type Home } from '../local/home.ts';
import { SocketTransport } from '../local/socket-transport.ts';
import type { HostDoor } from './host-connection.ts';

/** A named pipe cannot be watched, so there it is tried now and then. */
const PIPE_RETRY_MS = 30_000;

/** Reaches the host of `home` over its socket or pipe. */
export function hostSocket(home: Home, programs: HostPrograms): HostDoor {
  return {
    ensure: () => ensureHost(home, programs),
    connect: () => connectHost(home),
    transport: (socket) => new SocketTransport(socket),
    watch: (appeared) =>
      home.hostSocket.startsWith('\\\\')
        ? tryNowAndThen(appeared)
        : watchFile(home.hostSocket, appeared),
  };
}

function watchFile(path: string, appeared: () => void): () => void {
  try {
    makeFolder(dirname(path));
    const watcher = watch(dirname(path), { persistent: false }, (_kind, name) => {
      if (name === basename(path)) appeared();
    });
    // The folder went away under the watcher; "Start the host" makes it again.
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return tryNowAndThen(appeared);
  }
}

function tryNowAndThen(appeared: () => void): () => void {
  const timer = setInterval(appeared, PIPE_RETRY_MS);
  return () => clearInterval(timer);
}
