// Many phones in one process: `node end.mjs ORDER`. Says {up} once all follow; asked {upTo}, it
// answers how late each event was and how many never came.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { sessionIdSchema } from '../../../src/protocol/ids.ts';
import { DeviceIdentity } from '../../support/device-identity.ts';
import { HeadlessDevice } from '../../support/headless-device.ts';
import type { PhonesOrder } from './fan-out.ts';

const CATCH_UP_LIMIT_MS = 30_000;

process.on('disconnect', () => process.exit(0));
const [orderFile = ''] = process.argv.slice(2);
// Written by the bench.
const order = JSON.parse(readFileSync(orderFile, 'utf8')) as PhonesOrder;
const session = sessionIdSchema.parse(order.session);
const late: number[] = [];
const pages: HeadlessDevice[] = [];
for (const stored of order.devices) {
  const keys = DeviceIdentity.restore(stored);
  for (let i = 0; i < order.pages; i += 1) {
    const page = new HeadlessDevice(keys);
    page.presence.isVisible = false;
    await page.start();
    page.follow(session);
    page.surface.events.on(({ events }) => {
      const now = Date.now();
      for (const event of events)
        if (event.type === 'agent.text') late.push(now - Date.parse(event.at));
    });
    await page.up(60_000);
    await page.until(() => (page.lastSeq(session) > 0 ? true : null));
    pages.push(page);
  }
}
process.once('message', ({ upTo }: { upTo: number }) => void tell(upTo));
process.send?.({ up: true });

async function tell(upTo: number): Promise<void> {
  let missing = 0;
  for (const page of pages)
    await page
      .caughtUp(session, upTo, CATCH_UP_LIMIT_MS)
      .catch(() => (missing += upTo - page.lastSeq(session)));
  for (const page of pages) missing += (await page.history(session)).faults.length;
  process.send?.({ late, missing });
}
