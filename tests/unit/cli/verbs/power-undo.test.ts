import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliBench } from '../run-cli.ts';

/** Above the highest pid that Linux gives out. */
const NOBODY = 4_194_305;

let bench: CliBench;
let holder: Server | null = null;
beforeEach(() => (bench = new CliBench()));
afterEach(async () => {
  await new Promise((resolve) => (holder === null ? resolve(null) : holder.close(resolve)));
  holder = null;
  await bench.down();
});

/** A holder program that writes down how it was called. */
function program(script: string): () => unknown {
  const folder = join(bench.root, 'no-dist', 'holder');
  mkdirSync(folder, { recursive: true });
  const called = join(bench.root, 'called.json');
  writeFileSync(
    join(folder, 'main.js'),
    `require('node:fs').writeFileSync(${JSON.stringify(called)}, JSON.stringify([process.argv.slice(2), process.env.PORCHLIGHT_HOME]));${script}`,
  );
  return () => JSON.parse(readFileSync(called, 'utf8')) as unknown;
}

/** A holder that answers, or with `answer` undefined leaves at once. Returns what it was asked. */
async function listen(answer: ((request: { do: string }) => object) | undefined) {
  const asked: string[] = [];
  holder = createServer((socket) => {
    socket.on('error', () => {});
    if (answer === undefined) return void socket.destroy();
    // What it tells unasked, and nonsense, must not matter.
    socket.write('{"tell":"sensors"}\nnonsense\n');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\n').filter(Boolean)) {
        const request = JSON.parse(line) as { id: number; do: string };
        asked.push(request.do);
        socket.write(`${JSON.stringify({ id: request.id, ...answer(request) })}\n`);
      }
    });
  });
  await new Promise<void>((resolve) => holder?.listen(bench.home.holderSocket, resolve));
  return asked;
}

const willing = (request: { do: string }) => ({ ok: { do: request.do, pid: NOBODY } });

describe('power undo', () => {
  it("has the holder's program put back what the journal names", async () => {
    const called = program('console.log("Put back 1 setting.");');
    const { code, value } = await bench.json('power', 'undo');
    expect([code, value, called()]).toEqual([
      0,
      { message: 'Put back 1 setting.' },
      [['--undo'], bench.root],
    ]);
  });

  it('has nothing to do where there is no such program', async () => {
    expect(await bench.run(['power', 'undo'])).toEqual({
      code: 0,
      stdout: 'There was nothing to undo.\n',
      stderr: '',
    });
  });

  it('fails with what could not be put back', async () => {
    program('console.error("SleepDisabled is still 1: sudo refused."); process.exit(1);');
    const ran = await bench.run(['power', 'undo', '--json']);
    expect([ran.code, ran.stdout, ran.stderr.includes('sudo refused'), ran.stderr]).toEqual([
      1,
      '',
      true,
      expect.stringContaining('docs/power.md'),
    ]);
  });

  it('leaves it to a host that runs', async () => {
    program('');
    await bench.up();
    const ran = await bench.run(['power', 'undo']);
    expect([ran.code, ran.stderr.includes('A host runs')]).toEqual([1, true]);
  });
});

describe('host stop', () => {
  it('ends a holder that a killed host left', async () => {
    const asked = await listen(willing);
    const ran = await bench.run(['host', 'stop', '--json']);
    expect([ran, asked]).toEqual([
      { code: 0, stdout: '{"running":false}\n', stderr: '' },
      ['hello', 'stop'],
    ]);
  });

  it('takes a holder that leaves instead of answering for one that has gone', async () => {
    await listen(undefined);
    expect((await bench.run(['host', 'stop'])).code).toBe(0);
  });

  it('fails with the words of a holder that refuses', async () => {
    await listen(() => ({ error: { code: 'failed', message: 'pmset hangs.' } }));
    const ran = await bench.run(['host', 'stop']);
    expect([ran.code, ran.stderr]).toEqual([
      1,
      'porchlight: The holder refuses (hello): pmset hangs.\n',
    ]);
  });
});
