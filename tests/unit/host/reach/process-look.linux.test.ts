import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { linuxProcessLook } from '../../../../src/host/reach/process-look.linux.ts';

const look = linuxProcessLook();
const children: ChildProcess[] = [];
const servers: Server[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
});

/** A process that says "up" once it has done what `script` does. */
async function running(script: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const { stdout, pid } = child;
  if (pid === undefined) throw new Error('no process');
  await once(stdout, 'data');
  return pid;
}

test('a process that runs has no connection, one to this machine counts, and a stopped one stands still', async () => {
  const server = createServer(() => {});
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on a port.
  const { port } = server.address() as AddressInfo;
  const alone = await running("console.log('up'); setInterval(() => {}, 1000)");
  const connected = await running(
    `require('node:net').connect(${port}, '127.0.0.1', () => console.log('up'))`,
  );
  expect(await look([alone])).toEqual({ stopped: false, connections: 0 });
  expect(await look([connected])).toEqual({ stopped: false, connections: 1 });
  expect(await look([alone, connected])).toEqual({ stopped: false, connections: 1 });
  process.kill(alone, 'SIGSTOP');
  await expect
    .poll(async () => await look([alone, connected]))
    .toEqual({ stopped: true, connections: 1 });
});

test('of a process that is gone nothing is known', async () => {
  expect(await look([])).toEqual({ stopped: null, connections: null });
  expect(await look([0x7fff_fffe])).toEqual({ stopped: null, connections: null });
});
