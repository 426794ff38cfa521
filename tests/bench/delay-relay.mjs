// The two bare hops that the host's delay is compared with: the agent's pipe and a socket, with
// nothing done in between. node delay-relay.mjs <socket> <agent>
import { spawn } from 'node:child_process';
import { connect } from 'node:net';

const [socketPath, agentPath] = process.argv.slice(2);
const agent = spawn(process.execPath, [agentPath], { stdio: ['pipe', 'pipe', 'inherit'] });
const socket = connect(socketPath);
agent.stdout.pipe(socket);
socket.pipe(agent.stdin);
socket.on('error', () => agent.kill());
agent.on('exit', () => socket.destroy());
