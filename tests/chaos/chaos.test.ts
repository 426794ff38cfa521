import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chaosReport, sweep } from './report.ts';

// What `npm run chaos` does, for as long as a whole run of the tests can spare.
const minutes = Number(process.env.PORCHLIGHT_CHAOS_MINUTES ?? 0.5);
const seed = Number(process.env.PORCHLIGHT_CHAOS_SEED ?? 1);
const AROUND_MINUTES = 12;

test(
  `${minutes} minutes of killing at random: nothing is lost, doubled, orphaned or left over`,
  { timeout: (minutes + AROUND_MINUTES) * 60_000 },
  async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'chaos-'));
    const before = process.env.TMPDIR;
    process.env.TMPDIR = temporary;
    try {
      const say = (line: string): void => void process.stderr.write(`${line}\n`);
      const report = await chaosReport({ minutes, seed, sessions: 8, agents: 'all', say });
      expect(report.holds, report.text).toBe(true);
      rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
    } finally {
      sweep(temporary);
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  },
);
