import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildMachines, type Machine, type Machines } from './file-machine.ts';

const AT_ONCE = 4;
/** How many of all steps, evenly spread; HOLDER_KILLS=all takes each. */
const KILLS = process.env.HOLDER_KILLS === 'all' ? Infinity : 5;

let machines: Machines;
beforeAll(async () => {
  machines = await buildMachines();
});
afterAll(() => machines.remove());

function spread(steps: number): number[] {
  const every = Math.max(1, Math.floor(steps / KILLS));
  return Array.from({ length: Math.ceil(steps / every) }, (_, index) => 1 + index * every);
}

/** Each in a machine of its own, some at a time. */
async function atEach(
  steps: readonly number[],
  story: (machine: Machine, step: number) => Promise<void>,
  name: string,
): Promise<void> {
  const left = [...steps];
  expect(left.length).toBeGreaterThan(3);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let step = left.shift(); step !== undefined; step = left.shift())
        await story(machines.machine(`${name}-${step}`), step);
    }),
  );
}

const AS_BEFORE = { settings: ['before', 'before'], entries: [], processes: [] };
const stateOf = ({ settings, entries, processes }: Machine): object => ({
  settings,
  entries,
  processes,
});

async function stepsOf(role: 'holder' | 'watchdog', name: string): Promise<number> {
  const machine = machines.machine(`${name}-count`);
  if (role === 'holder') await machine.live();
  else await machine.holdAndDie('');
  await machine.isQuiet();
  expect(stateOf(machine)).toEqual(AS_BEFORE);
  return machine.stepsOf(role);
}

test
  .skipIf(process.platform !== 'linux')
  .concurrent(
    'a holder that is killed at any step is followed by its watchdog, which leaves the settings as they were',
    async () => {
      await atEach(
        spread(await stepsOf('holder', 'holder')),
        async (machine, step) => {
          await machine.live(`holder:${step}`);
          await machine.isQuiet();
          // Before its watchdog was there it has changed nothing, but for an entry of nothing.
          expect({ step, settings: machine.settings }).toEqual({
            step,
            settings: AS_BEFORE.settings,
          });
          await machine.undo();
          expect({ step, ...stateOf(machine) }).toEqual({ step, ...AS_BEFORE });
        },
        'holder',
      );
    },
  );

test
  .skipIf(process.platform !== 'linux')
  .concurrent('a watchdog that is killed at any step is followed by the next holder', async () => {
    await atEach(
      spread(await stepsOf('watchdog', 'watchdog')),
      async (machine, step) => {
        await machine.holdAndDie(`watchdog:${step}`);
        await machine.isQuiet();
        await machine.live();
        await machine.isQuiet();
        expect({ step, ...stateOf(machine) }).toEqual({ step, ...AS_BEFORE });
      },
      'watchdog',
    );
  });

test
  .skipIf(process.platform !== 'linux')
  .concurrent(
    'holder and watchdog killed at once, at any step, are followed by "--undo"',
    async () => {
      await atEach(
        spread(await stepsOf('holder', 'both')),
        async (machine, step) => {
          await machine.live(`holder:${step}:both`);
          await machine.isQuiet();
          const { code } = await machine.undo();
          expect({ step, code, ...stateOf(machine) }).toEqual({ step, code: 0, ...AS_BEFORE });
        },
        'both',
      );
    },
  );
