import { expect, test } from 'vitest';
import { driftIn } from '../../../../../renderer/features/sessions/drift.ts';
import type { Mode } from '../../../../../src/protocol/mode.ts';
import { appendItems, NO_ITEMS } from '../../../../../src/protocol/transcript/items.ts';

/** The drift after these changes of mode, each `mode by`. */
function drift(...changes: string[]) {
  const events = changes.map((change, i) => {
    const [mode = '', by = ''] = change.split(' ');
    return {
      type: 'mode.changed' as const,
      mode: mode === 'own' ? null : (mode as Mode),
      native: mode,
      version: i + 1,
      by,
      seq: i + 1,
      at: '2026-11-21T08:00:00.000Z',
    };
  });
  const mode = events.at(-1)?.mode ?? null;
  return driftIn(appendItems(NO_ITEMS, events).items, { mode });
}

test('only a freer mode that the agent itself took, and that is in force, is a drift', () => {
  expect([
    drift('ask window', 'edits agent'),
    drift('plan cli', 'own agent'),
    drift('auto agent'),
    drift('ask window', 'edits agent', 'ask host'),
    drift('edits window', 'ask agent'),
    drift('ask window', 'auto phone'),
    drift('ask agent'),
    drift(),
  ]).toEqual([
    { before: 'ask' },
    { before: 'plan' },
    { before: null },
    null,
    null,
    null,
    null,
    null,
  ]);
});
