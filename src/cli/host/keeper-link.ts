import { z } from 'zod';
import { withDeadline } from '../../base/deadline.ts';
import { isNobodyThere } from '../../local/ensure-host.ts';
import type { Home } from '../../local/home.ts';
import { connectSocket, SocketTransport } from '../../local/socket-transport.ts';
import { KEEPER_PROTOCOL, type KeeperFrame } from '../../protocol/keeper.ts';

const CONNECT_LIMIT_MS = 1_000;
/** Every agent gets 6 s to end by itself. */
const STOP_LIMIT_MS = 30_000;

/** Whether a keeper answers in this home. It starts the host again when that ends. */
export async function isKeeperThere(home: Home): Promise<boolean> {
  try {
    (await connectSocket(home.keeperSocket, CONNECT_LIMIT_MS)).destroy();
    return true;
  } catch (error) {
    return !isNobodyThere(error);
  }
}

const answerSchema = z.looseObject({
  id: z.number(),
  error: z.object({ message: z.string() }).optional(),
});

/**
 * Ends the agents and the keeper without a host, for when none starts (a broken config) or none
 * understands us. Returns false when there is no keeper.
 */
export async function stopKeeper(home: Home, version: string): Promise<boolean> {
  let socket;
  try {
    socket = await connectSocket(home.keeperSocket, CONNECT_LIMIT_MS);
  } catch (error) {
    if (isNobodyThere(error)) return false;
    throw error;
  }
  const transport = new SocketTransport(socket);
  const stopped = new Promise<void>((resolve, reject) => {
    transport.start({
      message: (text) => {
        const answer = answerSchema.safeParse(JSON.parse(text));
        if (!answer.success) return;
        if (answer.data.error !== undefined)
          reject(new Error(`The keeper refuses to stop: ${answer.data.error.message}`));
        else if (answer.data.id === 2) resolve();
      },
      close: () => resolve(),
    });
  });
  const say = (frame: KeeperFrame): void => transport.send(JSON.stringify(frame));
  say({
    id: 1,
    do: 'hello',
    protocol: KEEPER_PROTOCOL,
    hostPid: process.pid,
    hostVersion: version,
  });
  say({ id: 2, do: 'stop' });
  try {
    await withDeadline(stopped, STOP_LIMIT_MS, 'Stopping the keeper');
  } finally {
    transport.close();
    socket.unref();
  }
  return true;
}
