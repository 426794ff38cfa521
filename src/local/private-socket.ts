import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

const PROBE_LIMIT_MS = 2_000;
/** A host, one that replaces it, and lookers. */
const MAX_CONNECTIONS = 32;

/** Whether something answers at this socket or pipe. */
export async function isAnswering(path: string): Promise<boolean> {
  return (await probe(path)) === 'answers';
}

/**
 * Listens at a socket that only this user can open. What a dead keeper left there is removed, but
 * only when nobody answers. Null when somebody does.
 */
export async function listen(
  path: string,
  onConnection: (socket: Socket) => void,
): Promise<Server | null> {
  const found = await probe(path);
  if (found === 'answers') return null;
  if (found === 'refuses') rmSync(path, { force: true });
  const server = createServer(onConnection);
  server.maxConnections = MAX_CONNECTIONS;
  return await new Promise((resolve, reject) => {
    server.once('error', reject);
    // The mode at birth: a chmod afterwards would leave a moment in which others can connect.
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve(server);
      });
    } finally {
      process.umask(before);
    }
  });
}

async function probe(path: string): Promise<'answers' | 'refuses' | 'absent'> {
  return await new Promise((resolve, reject) => {
    const socket = connect(path);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    // One that accepts nothing for so long is stuck, but it is there.
    const timer = setTimeout(() => end(() => resolve('answers')), PROBE_LIMIT_MS);
    socket.once('connect', () => end(() => resolve('answers')));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') end(() => resolve('absent'));
      else if (error.code === 'ECONNREFUSED') end(() => resolve('refuses'));
      else
        end(() =>
          reject(new Error(`Cannot use the socket ${path}: ${error.message}`, { cause: error })),
        );
    });
  });
}
