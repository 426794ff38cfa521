import { RelayClient, type DeviceKey, type HostKey } from '../../support/relay-clients.ts';
import type { BenchRelay } from '../relay/processes.ts';

type Place = Pick<BenchRelay, 'socketUrl' | 'authority'>;

/** A device that was admitted and has heard that its host is there, at whichever node. */
export async function connectToHost(
  relay: Place,
  host: HostKey,
  device: DeviceKey,
): Promise<RelayClient> {
  const client = new RelayClient(relay.socketUrl);
  const nonce = await client.nonce();
  client.say(device.admission(nonce, relay.authority, host.channel, host.grant(device)));
  for (;;) {
    const said = await client.text();
    if (said.type === 'admitted' && said.host) return client;
    if (said.type === 'host' && said.here) return client;
    if (said.type !== 'refused') continue;
    client.end();
    throw new Error(`Not admitted: ${said.message}`);
  }
}
