// What no relay can be faster than: bytes from one socket to another, unread. In a process of its
// own, as the relay is. `node splice.mjs PORT`; says {port} over IPC.
import { connect, createServer } from 'node:net';
import process from 'node:process';

const target = Number(process.argv[2]);
const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ host: '127.0.0.1', port: target, noDelay: true });
  near.pipe(far).pipe(near);
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
