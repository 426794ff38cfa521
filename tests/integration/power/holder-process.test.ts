import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildMachines, type Machines } from './file-machine.ts';

const HELLO = { do: 'hello', protocol: 1, hostPid: process.pid, hostVersion: '1' };
const LID = { do: 'want', idle: true, lid: true, why: 'work' };

let machines: Machines;
beforeAll(async () => {
  machines = await buildMachines();
});
afterAll(() => machines.remove());

const onLinux = test.skipIf(process.platform !== 'linux');

onLinux(
  'undoes everything when it is asked to end, and goes on when its terminal closes',
  async () => {
    const machine = machines.machine('signals');
    const holder = machine.start();
    const ended = once(holder, 'exit');
    const host = await machine.host(holder);
    await host?.ask(HELLO);
    await host?.ask(LID);
    holder.kill('SIGHUP');
    await host?.ask(LID);
    const held = machine.settings;
    holder.kill('SIGTERM');
    const [code] = await ended;
    await machine.isQuiet();
    expect({ held, code, settings: machine.settings, entries: machine.entries }).toEqual({
      held: ['ours', 'ours'],
      code: 0,
      settings: ['before', 'before'],
      entries: [],
    });
  },
);

onLinux('a second one of the same home leaves, and the first holds on', async () => {
  const machine = machines.machine('second');
  const holder = machine.start();
  const host = await machine.host(holder);
  await host?.ask(HELLO);
  await host?.ask(LID);
  const [code] = await once(machine.start(), 'exit');
  await host?.ask(LID);
  const held = machine.settings;
  host?.close();
  // Nobody renews: it undoes and ends by itself.
  await machine.isQuiet();
  expect({ code, held, settings: machine.settings }).toEqual({
    code: 0,
    held: ['ours', 'ours'],
    settings: ['before', 'before'],
  });
});

onLinux(
  '"--undo" ends one that runs, says what it put back, and has nothing to do the next time',
  async () => {
    const machine = machines.machine('undo');
    const holder = machine.start();
    const host = await machine.host(holder);
    await host?.ask(HELLO);
    await host?.ask(LID);
    const first = await machine.undo();
    const after = { settings: machine.settings, entries: machine.entries };
    await machine.isQuiet();
    expect({ first, after, again: await machine.undo() }).toEqual({
      first: { code: 0, words: 'Put back 2 settings.\n' },
      after: { settings: ['before', 'before'], entries: [] },
      again: { code: 0, words: 'There was nothing to undo.\n' },
    });
  },
);
