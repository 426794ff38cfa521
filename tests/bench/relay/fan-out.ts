import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostUnderTest, text, newCommandId } from '../../integration/support/host-under-test.ts';
import type { StoredIdentity } from '../../support/device-identity.ts';
import { enrol } from '../../support/enrolled-device.ts';
import { figure, percentile, type Figure } from '../figure.ts';
import { BenchProcess, startRelay } from './processes.ts';
import { built } from './built.ts';

const DEVICES = 50;
const PAGES_PER_DEVICE = 2;
const PROCESSES = 2;
const EVENTS = 1_500;
const PER_SECOND = 100;
const GOAL_MS = 5;

/** What one process of phones is told, in a file: keys do not belong on a command line. */
export interface PhonesOrder {
  readonly session: string;
  readonly pages: number;
  readonly devices: readonly StoredIdentity[];
}

/** 100 pages of 50 phones on one busy session of the real host: how late an event is, and whether one is lost. */
export async function benchFanOut(): Promise<Figure[]> {
  const stops: (() => unknown)[] = [];
  const host = new HostUnderTest();
  try {
    const relay = await startRelay();
    stops.push(async () => await relay.process.stop());
    const via = `http://${relay.authority}`;
    host.writeConfig({ relay: { url: via } });
    const phones = Array.from({ length: DEVICES }, (_, i) =>
      enrol(host.home, { name: `phone ${i + 1}`, role: 'viewer', via, relay: via }),
    );
    await host.connect();
    stops.push(async () => await host.stop());
    const session = await host.start('demo');
    const { file, remove } = await built('phones-end.ts');
    stops.push(remove);
    const share = DEVICES / PROCESSES;
    const ends: BenchProcess[] = [];
    for (let i = 0; i < PROCESSES; i += 1) {
      const orderFile = join(host.folder, `phones-${i}.json`);
      const devices = phones.slice(i * share, (i + 1) * share).map(({ stored }) => stored);
      writeFileSync(orderFile, JSON.stringify({ session, pages: PAGES_PER_DEVICE, devices }), {
        mode: 0o600,
      });
      const end = new BenchProcess(file, [orderFile]);
      ends.push(end);
      stops.push(async () => await end.stop());
      await end.heard();
    }
    const prompt = text(`SCRIPT:stream n=${EVENTS} rate=${PER_SECOND}`);
    await host.client.call('session.send', {
      sessionId: session,
      commandId: newCommandId(),
      prompt,
    });
    const state = await host.turnEnded(session, 1, (EVENTS / PER_SECOND) * 1_000 + 60_000);
    const answers = [];
    for (const end of ends)
      answers.push(await end.ask<{ late: number[]; missing: number }>({ upTo: state.lastSeq }));
    const late = answers.flatMap((answer) => answer.late);
    return [
      figure('100 pages on one session, lateness of an event, p50', percentile(late, 0.5), 'ms'),
      figure('100 pages on one session, lateness of an event, p99', percentile(late, 0.99), 'ms', {
        atMost: GOAL_MS,
      }),
      figure(
        '100 pages on one session, events lost',
        answers.reduce((sum, { missing }) => sum + missing, 0),
        '',
        { atMost: 0 },
      ),
      figure('100 pages on one session, deliveries', late.length, ''),
    ];
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}
