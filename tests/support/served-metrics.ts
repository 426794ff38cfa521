import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/log.ts';
import { composeCluster } from '../../src/relay/cluster/compose-cluster.ts';
import { systemClock } from '../../src/relay/clock.ts';
import { readSettings } from '../../src/relay/options.ts';
import { CertificateFiles } from '../../src/relay/tls/certificate-files.ts';
import { makeCertificates } from './nats-certificates.ts';
import { relayHere } from './relay-under-test.ts';

/** A port that nobody listens at: a node is one too while its NATS is away. */
const NO_NATS = ['--nats', 'nats://127.0.0.1:1'];

/** What `/metrics` of a relay serves that has all that a relay can have. */
export async function servedMetrics(): Promise<string> {
  const clock = systemClock;
  const folder = mkdtempSync(join(tmpdir(), 'relay-metrics-'));
  const certificate = await CertificateFiles.open(await makeCertificates(folder), {
    ...{ clock, wallMs: Date.now, log: silentLogger },
  });
  rmSync(folder, { recursive: true });
  const settings = readSettings(NO_NATS, {});
  if (settings?.cluster == null) throw new Error('these settings are of a node of many');
  const node = composeCluster(settings.cluster, settings.noteRules, { clock, log: silentLogger });
  const { relay, stop } = await relayHere({ ...node, certificate });
  try {
    const url = await relay.listenForStatus({ host: '127.0.0.1', port: 0 });
    return await (await fetch(`${url}/metrics`)).text();
  } finally {
    await stop();
  }
}
