import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/log.ts';
import { nodeIdSchema } from '../../src/relay/cluster/node-id.ts';
import { PeerLinks } from '../../src/relay/cluster/peer-links.ts';
import { Subjects } from '../../src/relay/cluster/subjects.ts';
import {
  clusterFamilies,
  natsFamilies,
  peerFamilies,
} from '../../src/relay/metrics/cluster-families.ts';
import { HopWatch } from '../../src/relay/metrics/hop-watch.ts';
import { StoreTimes } from '../../src/relay/metrics/store-times.ts';
import { NoteBook } from '../../src/relay/notes/note-book.ts';
import { CertificateFiles } from '../../src/relay/tls/certificate-files.ts';
import { MemoryBusNet } from '../fakes/memory-bus.ts';
import { MemoryMailStore } from '../fakes/memory-mail-store.ts';
import { MemoryNoteStore } from '../fakes/memory-note-store.ts';
import { makeCertificates } from './nats-certificates.ts';
import { RelayClock } from './relay-clock.ts';
import { relayHere } from './relay-under-test.ts';

const NO_CLUSTER_FIGURES = {
  ...{ seeks: 0, found: 0, announced: 0, hostsMoved: 0, guestsTaken: 0, guestsRefused: 0 },
  ...{ framesOut: 0, framesIn: 0, cargoBytesOut: 0, cargoBytesIn: 0, nodesLost: 0, sentAway: 0 },
};
const NO_NATS_FIGURES = { isUp: true, connects: 1, failedDials: 0, unsentBytes: 0, isRisky: true };

/** What `/metrics` of a relay serves that has all that a relay can have. */
export async function servedMetrics(): Promise<string> {
  const clock = new RelayClock();
  const store = new StoreTimes(clock).ofNotes(new MemoryNoteStore());
  const notes = await NoteBook.open({
    store,
    post: async () => await Promise.reject(new Error('nothing is sent')),
    wallMs: () => 0,
    random: () => 0.5,
    limits: {
      maxHosts: 10,
      maxBytes: 1_000,
      graceMs: 0,
      silences: { minSec: 60, maxSec: 120 },
    },
    ...{ clock, log: silentLogger },
  });
  const folder = mkdtempSync(join(tmpdir(), 'relay-metrics-'));
  const certificate = await CertificateFiles.open(await makeCertificates(folder), {
    ...{ clock, wallMs: Date.now, log: silentLogger },
  });
  rmSync(folder, { recursive: true });
  const { relay, stop } = await relayHere({ notes, certificate, mail: new MemoryMailStore() });
  const url = await relay.listenForStatus({ host: '127.0.0.1', port: 0 });
  const self = nodeIdSchema.parse('n'.repeat(16));
  const bus = new MemoryBusNet(clock).join();
  const subjects = new Subjects('test');
  const peers = new PeerLinks({ self, bus, subjects, clock });
  const hops = new HopWatch(bus, subjects, self, clock);
  relay.metrics.add(() => [
    ...clusterFamilies(NO_CLUSTER_FIGURES),
    ...peerFamilies(peers),
    ...natsFamilies(NO_NATS_FIGURES),
    ...hops.families(),
  ]);
  try {
    return await (await fetch(`${url}/metrics`)).text();
  } finally {
    hops.close();
    peers.close();
    await stop();
  }
}
