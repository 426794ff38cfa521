import { expect, test } from 'vitest';
import { notifyReport } from './notify/report.ts';

// What `npm run chaos -- notify` does, as long as a whole run of the tests can spare.
const events = Number(process.env.PORCHLIGHT_NOTIFY_EVENTS ?? 400);
const seed = Number(process.env.PORCHLIGHT_NOTIFY_SEED ?? 1);

test(
  `${events} events while push service, devices and host fail: nothing lost, nothing told twice, nothing asks on`,
  { timeout: 60_000 + events * 100 },
  async () => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = await notifyReport({ events, seed, say });
    expect(report.holds, report.text).toBe(true);
  },
);
