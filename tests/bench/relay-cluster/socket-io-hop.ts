import { io, type Socket } from 'socket.io-client';
import { BenchProcess } from '../relay/processes.ts';
import type { Stops } from './cluster.ts';
import { BenchRedis } from './redis.ts';

const NODE = `${import.meta.dirname}/socket-io-node.mjs`;
const FAR = `${import.meta.dirname}/socket-io-far.mjs`;

/** Two nodes of socket.io joined by Redis, a client at one and one that echoes at the other. */
export interface SocketIoHop {
  readonly redis: BenchRedis;
  readonly nodes: readonly BenchProcess[];
  /** At the first node. */
  readonly socket: Socket;
  /** Sends to the far client. */
  send(text: string): void;
}

/** `adapters`: a folder that the streams adapter is installed in; null: Pub/Sub. */
export async function startSocketIoHop(
  stops: Stops,
  adapters: string | null = null,
): Promise<SocketIoHop> {
  const redis = stops.keep(await BenchRedis.start());
  const args = [String(redis.port), ...(adapters === null ? [] : [adapters])];
  const [near, far] = [new BenchProcess(NODE, args), new BenchProcess(NODE, args)];
  stops.keep(near);
  stops.keep(far);
  const nearPort = (await near.heard<{ port: number }>()).port;
  const farPort = (await far.heard<{ port: number }>()).port;
  await stops.keep(new BenchProcess(FAR, [String(farPort)])).heard();
  const socket = io(`http://127.0.0.1:${nearPort}`, {
    transports: ['websocket'],
    auth: { name: 'near' },
  });
  stops.add(() => socket.close());
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const send = (text: string): void => void socket.emit('carry', 'far', text);
  return { redis, nodes: [near, far], socket, send };
}
