// The two bare hops that the host's delay is compared with: the agent's pipe and a socket, with
// nothing done in between. With a file, what comes is written to it durably before it goes on:
// what the disk alone adds. node delay-relay.mjs <socket> <agent> [file]
import { spawn } from 'node:child_process';
import { fsyncSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';

const [socketPath, agentPath, file] = process.argv.slice(2);
const agent = spawn(process.execPath, [agentPath], { stdio: ['pipe', 'pipe', 'inherit'] });
const socket = connect(socketPath);
if (file === undefined) agent.stdout.pipe(socket);
else {
  // Over the same few megabytes again and again, as a write-ahead log is.
  const fd = openSync(file, 'w');
  const sizeBytes = 4 * 1024 * 1024;
  writeSync(fd, Buffer.alloc(sizeBytes), 0, sizeBytes, 0);
  let at = 0;
  agent.stdout.on('data', (chunk) => {
    at = at + chunk.length > sizeBytes ? 0 : at;
    at += writeSync(fd, chunk, 0, chunk.length, at);
    fsyncSync(fd);
    socket.write(chunk);
  });
}
socket.pipe(agent.stdin);
socket.on('error', () => agent.kill());
agent.on('exit', () => socket.destroy());
