// What a relay's fan-out is measured against, with `ws` as anybody would use it. `node fan-out-server.mjs loop`:
// what the client at /source sends goes to all others by `ws.send`. `… addressed`: each frame goes to the one
// whose number is in front, as sealed frames do. Says {port} over IPC.
import process from 'node:process';
import { WebSocketServer } from 'ws';

const [way] = process.argv.slice(2);
const SLOT_BYTES = 4;
const clients = [];
process.on('disconnect', () => process.exit(0));

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (ws, request) => {
  ws.on('error', () => {});
  if (request.url !== '/source') return void clients.push(ws);
  if (way === 'addressed')
    ws.on('message', (frame) => clients[frame.readUInt32BE()]?.send(frame.subarray(SLOT_BYTES)));
  else
    ws.on('message', (frame) => {
      for (const client of clients) client.send(frame);
    });
});
server.on('listening', () => process.send({ port: server.address().port }));
