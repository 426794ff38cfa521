import { expect, test } from 'vitest';
import { performPower } from '../../../src/main/power-acts.ts';
import type { PowerAction } from '../../../src/main/tray/menu-entry.ts';
import { powerSample as power } from '../../support/power-samples.ts';

async function perform(
  action: PowerAction,
  setUp: 'needed' | 'done' | null = null,
): Promise<unknown[]> {
  const asked: unknown[] = [];
  const lid = { wanted: false, effective: false, reason: null, fix: null, setUp };
  await performPower(action, {
    host: {
      call: async (method, params) => {
        asked.push([method, params]);
        // What it answers is of no interest to the tray.
        return {} as never;
      },
    },
    power: () => power({ lid }),
    openPower: () => void asked.push('the window'),
  });
  return asked;
}
const commandId = expect.any(String);

test('what the menu offers is asked of the host', async () => {
  expect([
    await perform({ do: 'keepAwake', way: 'idle' }, 'needed'),
    await perform({ do: 'hold', forSec: 7_200 }),
    await perform({ do: 'releaseHolds' }),
    await perform({ do: 'sleepWhenDone', on: false }),
  ]).toEqual([
    [['power.setPolicy', { commandId, policy: { keepAwake: 'idle' } }]],
    [['power.hold', { commandId, forSec: 7_200, lid: false }]],
    [['power.release', { commandId }]],
    [['power.sleepWhenDone', { commandId, on: false }]],
  ]);
});

test('"lid too" goes on in the window where the lid needs consent', async () => {
  const set = ['power.setPolicy', { commandId, policy: { keepAwake: 'lid' } }];
  expect([
    await perform({ do: 'keepAwake', way: 'lid' }, 'needed'),
    await perform({ do: 'keepAwake', way: 'lid' }, 'done'),
  ]).toEqual([[set, 'the window'], [set]]);
});
