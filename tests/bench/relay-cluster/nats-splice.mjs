// What no two nodes can be much faster than: frames from one WebSocket over core NATS to another, unread
// and unacknowledged. `node nats-splice.mjs near NATS-URL` takes a client and says {port} over IPC;
// `… far NATS-URL ECHO-PORT` dials the far end.
import process from 'node:process';
import { connect } from '@nats-io/transport-node';
import { WebSocket, WebSocketServer } from 'ws';

const [side, servers, echo] = process.argv.slice(2);
const plain = { perMessageDeflate: false };
const nats = await connect({ servers });
process.on('disconnect', () => process.exit(0));

function join(ws, hears, says) {
  nats.subscribe(hears, { callback: (error, message) => error === null && ws.send(message.data) });
  ws.on('message', (data) => nats.publish(says, data));
}

if (side === 'near') {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...plain });
  server.on('connection', (ws) => join(ws, 'bench.near', 'bench.far'));
  server.on('listening', () => process.send({ port: server.address().port }));
} else {
  const ws = new WebSocket(`ws://127.0.0.1:${echo}`, plain);
  ws.on('open', () => {
    join(ws, 'bench.far', 'bench.near');
    process.send({ ready: true });
  });
}
