import { expect, test } from 'vitest';
import { isWithoutNats } from '../support/nats-under-test.ts';
import { relayReport, SHORT_SIZES } from './relay/report.ts';

// What `npm run chaos -- relay` does, as long as a whole run of the tests can spare, with a bit of each.
const minutes = Number(process.env.PORCHLIGHT_RELAY_MINUTES ?? 0.1);
const seed = Number(process.env.PORCHLIGHT_RELAY_SEED ?? 120);

test.skipIf(isWithoutNats())(
  `${minutes} minutes of a cluster whose parts are killed, stopped and cut off: nothing is lost, nothing done twice`,
  { timeout: (minutes + 5) * 60_000 },
  async () => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = await relayReport({ minutes, seed, sizes: SHORT_SIZES, say });
    // How long something took is measured by the command: here the machine may be busy with anything.
    const wrong = report.figures.filter(({ holds, unit }) => !holds && unit === '');
    expect(wrong, report.text).toEqual([]);
  },
);
