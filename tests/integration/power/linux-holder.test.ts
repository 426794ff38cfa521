import type { ChildProcess } from 'node:child_process';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { homeOf } from '../../../src/local/home.ts';
import { RealLogind, whyNoLogind } from '../../support/real-logind.ts';
import { ended, eventually, TestBuses } from '../../support/test-bus.ts';
import { dist } from '../support/host-under-test.ts';

const noLogind = whyNoLogind();
/** The goal is 100 ms for the whole way from a turn; here for the holder's part, on a busy machine. */
const TAKEN_LIMIT_MS = 1_000;

let buses: TestBuses | null = null;
let socket: Socket | null = null;
afterEach(async () => {
  socket?.destroy();
  await buses?.stop();
  buses = null;
});

/** The built holder, in a home of its own on these buses, and a line to it. */
async function holderOn(on: TestBuses): Promise<{
  readonly process: ChildProcess;
  readonly ask: (request: object) => Promise<unknown>;
}> {
  const env = {
    PORCHLIGHT_HOME: join(on.folder, 'home'),
    XDG_STATE_HOME: join(on.folder, 'state'),
  };
  const child = on.spawn(process.execPath, [join(dist, 'holder', 'main.js')], { env });
  const { holderSocket } = homeOf({ ...process.env, ...env });
  const line = await eventually(
    'holder',
    async () =>
      await new Promise<Socket | null>((resolve) => {
        const tried = createConnection(holderSocket);
        tried.once('connect', () => resolve(tried)).once('error', () => resolve(null));
      }),
  );
  socket = line;
  const waiting = new Map<number, (answer: unknown) => void>();
  createInterface({ input: line }).on('line', (text) => {
    const frame: unknown = JSON.parse(text);
    if (frame instanceof Object && 'id' in frame) waiting.get(Number(frame.id))?.(frame);
  });
  let id = 0;
  const ask = async (request: object): Promise<unknown> =>
    await new Promise((resolve) => {
      waiting.set((id += 1), resolve);
      line.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  await ask({ do: 'hello', protocol: 1, hostPid: process.pid, hostVersion: 'test' });
  return { process: child, ask };
}

const WANT = { do: 'want', idle: true, lid: true, why: '1 session is working' };
const blocks = (list: Awaited<ReturnType<RealLogind['inhibitors']>>): string[] =>
  list.filter(({ mode }) => mode === 'block').flatMap(({ what }) => what);

describe.skipIf(noLogind !== null)('the built holder on a real logind', () => {
  test('holds within the time a turn has, and SIGKILL leaves nothing held and nobody running', async () => {
    buses = await TestBuses.start();
    const logind = await RealLogind.start(buses);
    const holder = await holderOn(buses);
    const beganMs = performance.now();
    const answer = await holder.ask(WANT);
    const tookMs = performance.now() - beganMs;
    const list = await logind.inhibitors();
    await ended(holder.process);
    await logind.untilInhibitors('empty list', (left) => left.length === 0, 2_000);
    await eventually('end of the children', async () => list.every(({ pid }) => !isAlive(pid)));
    expect({
      isQuick: tookMs < TAKEN_LIMIT_MS,
      answer,
      blocks: blocks(list).toSorted(),
      delays: list.filter(({ mode }) => mode === 'delay').map(({ what }) => what.join()),
    }).toEqual({
      isQuick: true,
      answer: expect.objectContaining({
        ok: expect.objectContaining({
          effects: {
            idle: { effective: true, reason: null, fix: null },
            lid: { effective: true, reason: null, fix: null, setUp: null },
          },
        }),
      }),
      blocks: ['handle-lid-switch', 'idle'],
      delays: ['sleep'],
    });
  });

  test('takes again what somebody ended', async () => {
    buses = await TestBuses.start();
    const logind = await RealLogind.start(buses);
    const holder = await holderOn(buses);
    await holder.ask(WANT);
    const before = await logind.inhibitors();
    for (const { pid } of before) process.kill(pid, 'SIGKILL');
    const after = await logind.untilInhibitors(
      'new locks',
      (list) =>
        blocks(list).length === 2 &&
        list.every(({ pid }) => before.every((old) => old.pid !== pid)),
      20_000,
    );
    expect(blocks(after).toSorted()).toEqual(['handle-lid-switch', 'idle']);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
