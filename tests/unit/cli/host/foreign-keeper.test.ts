import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliBench } from '../run-cli.ts';

let bench: CliBench;
let keeper: ChildProcess;
let server: Server;

/** A keeper that speaks another protocol: all it says is that. */
beforeEach(async () => {
  bench = new CliBench();
  keeper = spawn('sleep', ['60'], { stdio: 'ignore' });
  writeFileSync(
    join(bench.home.keeperState, 'lock-00000002'),
    JSON.stringify({ pid: keeper.pid, startedAt: '1' }),
  );
  writeFileSync(join(bench.home.keeperState, 'lock-00000001'), '{"pid":1,"startedAt":"1"}');
  const error = { code: 'wrongProtocol', message: 'This keeper speaks protocol 9' };
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write(`${JSON.stringify({ id: 1, error })}\n`));
  });
  await new Promise<void>((resolve) => server.listen(bench.home.keeperSocket, resolve));
});
afterEach(async () => {
  keeper.kill('SIGKILL');
  server.close();
  await bench.down();
});

it('is ended only by force, as the process that holds the lock', async () => {
  // The keeper is given ten seconds to answer, which nobody has to sit through.
  const clock = { nowMs: () => (now += 500) };
  let now = 0;
  const asked = await bench.run(['host', 'stop'], clock);
  expect([asked.code, asked.stderr, keeper.signalCode]).toEqual([
    1,
    `porchlight: The keeper (pid ${keeper.pid}) is of another version and cannot be asked whether agents run. Stop it all the same with: porchlight host stop --force\n`,
    null,
  ]);
  const forced = await bench.run(['host', 'stop', '--force', '--json'], clock);
  expect([forced.code, forced.stdout, keeper.signalCode]).toEqual([
    0,
    '{"running":false}\n',
    'SIGTERM',
  ]);
});
