// A client of socket.io that answers each message with itself: `node socket-io-far.mjs PORT`. Says {ready} over IPC.
import process from 'node:process';
import { io } from 'socket.io-client';

const [port] = process.argv.slice(2);
process.on('disconnect', () => process.exit(0));
const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], auth: { name: 'far' } });
socket.on('carried', (from, text) => socket.emit('carry', from, text));
socket.once('connect', () => process.send({ ready: true }));
