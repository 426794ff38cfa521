import { expect, test } from 'vitest';
import { syncReport } from './sync/report.ts';

// What `npm run chaos -- sync` does, as long as a whole run of the tests can spare.
const cuts = Number(process.env.PORCHLIGHT_SYNC_CUTS ?? 200);
const seed = Number(process.env.PORCHLIGHT_SYNC_SEED ?? 1);

test(
  `${cuts} cuts between devices, relay and host: every history is the host’s, every command done once`,
  { timeout: 120_000 + cuts * 500 },
  async () => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = await syncReport({ cuts, seed, say });
    expect(report.holds, report.text).toBe(true);
  },
);
