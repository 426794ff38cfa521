// The other end of every way that the relay's bench measures, in a process of its own: a WebSocket
// server that answers each frame with itself, and a host at a relay that
// does the same. `node far-end.mjs`, then over IPC: {host: url, subprotocol} connects, the
// answer is {nonce}; {admission} is what is said to it. First it says {echo}, its port.
import process from 'node:process';
import { WebSocket, WebSocketServer } from 'ws';

const plain = { perMessageDeflate: false };

const echo = new WebSocketServer({ host: '127.0.0.1', port: 0, ...plain });
echo.on('connection', (ws) => ws.on('message', (data, binary) => ws.send(data, { binary })));

process.on('message', (message) => {
  if (message.host !== undefined) beHost(message);
  else host.send(JSON.stringify(message.admission));
});
process.on('disconnect', () => process.exit(0));

let host;
function beHost({ host: url, subprotocol }) {
  host = new WebSocket(url, subprotocol, plain);
  host.on('message', (data, isBinary) => {
    if (isBinary) return host.send(data);
    const said = JSON.parse(data);
    if (said.type === 'challenge') process.send({ nonce: said.nonce });
    if (said.type === 'admitted') process.send({ admitted: true });
  });
}

await new Promise((resolve) => echo.once('listening', resolve));
process.send({ echo: echo.address().port });
