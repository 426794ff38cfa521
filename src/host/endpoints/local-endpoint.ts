import { unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from '../../base/log.ts';
import type { Transport } from '../../connection/transport.ts';
import { isNobodyThere } from '../../local/ensure-host.ts';
import { connectSocket, SocketTransport } from '../../local/socket-transport.ts';

/** Surfaces of one person on one machine; more is a mistake or an attack. */
const MAX_CONNECTIONS = 256;
const PROBE_LIMIT_MS = 2_000;

/** Another host serves this home. */
export class HomeTaken extends Error {
  override name = 'HomeTaken';
}

/**
 * The unix socket (mode 0600 in a 0700 folder) or named pipe where surfaces of this user connect.
 * A socket file that nobody answers is left over from a crash and replaced.
 */
export class LocalEndpoint {
  readonly #server: Server;
  readonly #path: string;
  #early: Transport[] = [];
  #accept: ((transport: Transport) => void) | null = null;

  private constructor(server: Server, path: string, logger: Logger) {
    this.#server = server;
    this.#path = path;
    server.maxConnections = MAX_CONNECTIONS;
    server.on('connection', (socket) => this.#onConnection(transportOf(socket, logger)));
    server.on('error', (error) => logger.error({ err: error }, 'the local endpoint failed'));
  }

  /** Takes the home: from here on a second host is refused. Surfaces wait until {@link serve}. */
  static async listen(path: string, logger: Logger): Promise<LocalEndpoint> {
    await refuseSecondHost(path);
    const server = createServer();
    const endpoint = new LocalEndpoint(server, path, logger);
    await listenPrivately(server, path);
    return endpoint;
  }

  serve(accept: (transport: Transport) => void): void {
    this.#accept = accept;
    for (const transport of this.#early) accept(transport);
    this.#early = [];
  }

  #onConnection(transport: Transport): void {
    if (this.#accept === null) this.#early.push(transport);
    else this.#accept(transport);
  }

  close(): void {
    this.#server.close();
    if (process.platform !== 'win32') removeSocket(this.#path);
  }
}

function transportOf(socket: Socket, logger: Logger): Transport {
  socket.on('error', (error) => logger.debug({ err: error.message }, 'a local connection broke'));
  return new SocketTransport(socket);
}

async function refuseSecondHost(path: string): Promise<void> {
  try {
    (await connectSocket(path, PROBE_LIMIT_MS)).destroy();
  } catch (error) {
    if (!isNobodyThere(error))
      throw new Error(`Cannot tell whether a host serves ${path}`, { cause: error });
    removeSocket(path);
    return;
  }
  throw new HomeTaken(`A host already serves this home at ${path}: see "porchlight host status".`);
}

function removeSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isNobodyThere(error)) throw error;
  }
}

/** The umask covers the moment between bind and chmod: the socket is never open to others. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  const umask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } finally {
    process.umask(umask);
  }
}
