// A node of socket.io that carries messages from one client to another by name, over Redis where they are at
// different nodes. `node socket-io-node.mjs REDIS-PORT [ADAPTERS]`: with the streams adapter where a folder
// is named that has it, else with the Pub/Sub one. Says {port} over IPC.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const [redisPort, adapters] = process.argv.slice(2);
process.on('disconnect', () => process.exit(0));

async function client() {
  const redis = createClient({ socket: { host: '127.0.0.1', port: Number(redisPort) } });
  redis.on('error', () => {});
  await redis.connect();
  return redis;
}

async function adapter() {
  if (adapters === undefined) return createAdapter(await client(), await client());
  const streams = createRequire(join(adapters, 'package.json'))('@socket.io/redis-streams-adapter');
  return streams.createAdapter(await client());
}

const http = createServer();
const io = new Server(http, {
  transports: ['websocket'],
  serveClient: false,
  adapter: await adapter(),
});
io.on('connection', (socket) => {
  const { name } = socket.handshake.auth;
  void socket.join(name);
  socket.on('carry', (to, text) => io.to(to).emit('carried', name, text));
});
http.listen(0, '127.0.0.1', () => process.send({ port: http.address().port }));
