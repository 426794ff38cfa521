// A WebSocket server that does nothing: what a connection costs by itself. Says {port} over IPC, and
// answers {collect: true} with its memory once its garbage is gone.
import process from 'node:process';
import { WebSocketServer } from 'ws';
import './tell-memory.mjs';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (ws) => {
  ws.on('message', () => {});
  ws.on('close', () => {});
  ws.on('error', () => {});
});
server.on('listening', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
