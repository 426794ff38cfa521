import { expect, test } from 'vitest';
import { races } from '../../../chaos/approvals/races.ts';
import { cases } from '../../../support/cases.ts';

// What `npm run chaos -- approvals` does a million times, on the real desk and driver.
test('however decisions, cancels, expiry, crashes and reconnects interleave, each call is decided once and runs once at most', async () => {
  const { wrong, counts } = await races({ runs: cases(60, 250), seed: 20, say: () => {} });
  expect(wrong).toEqual([]);
  // A run that is not about these would prove nothing.
  for (const name of ['run', 'decided by a rule', 'told: superseded', 'closed: withdrawn'])
    expect(counts.get(name), name).toBeGreaterThan(0);
});
