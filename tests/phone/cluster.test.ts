import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../build/compile.mjs';
import { dist } from '../../build/programs.mjs';
import type { SessionId } from '../../src/protocol/ids.ts';
import { eventually } from '../integration/support/host-under-test.ts';
import { ClusterUnderTest, type ClusterNode } from '../support/cluster-under-test.ts';
import { different } from './support/different.ts';
import { PhoneStage, type PairedPhone } from './support/phone-stage.ts';

const BACK_LIMIT_MS = 40_000;

let cluster: ClusterUnderTest;
let stage: PhoneStage;
let paired: PairedPhone;
let session: SessionId;
let offered: string;
/** Where the host is, and where the phone is. */
let hosts: ClusterNode;
let phones: ClusterNode;

/** Where connections that come from now on go. */
function onlyTo(node: ClusterNode): void {
  for (const { port } of cluster.nodes)
    if (port === node.port) cluster.balancer.add(port);
    else cluster.balancer.remove(port);
}

const isAt = async (node: ClusterNode, role: 'host' | 'device'): Promise<true | null> => {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  return text.includes(`porchlight_relay_connections{role="${role}"} 1`) ? true : null;
};

async function sameHistory(): Promise<void> {
  const told = await stage.host.events(session);
  const { phone } = paired;
  await eventually(
    async () => ((await phone.history(session)).at(-1)?.seq === told.at(-1)?.seq ? true : null),
    BACK_LIMIT_MS,
  );
  expect(different(await phone.history(session), told)).toBeNull();
}

beforeAll(async () => {
  await compile(['relay', 'phone']);
  const page = join(dist, 'renderer', 'phone');
  cluster = await ClusterUnderTest.start({ nodes: 2, nats: 1, args: ['--serve', page] });
  [hosts, phones] = cluster.nodes as [ClusterNode, ClusterNode];
  onlyTo(hosts);
  stage = await PhoneStage.start({ relay: { url: cluster.url }, devices: { hostName: 'porch' } });
  // A host that has nobody to meet is at no relay.
  ({ url: offered } = await stage.offer('operator'));
  await eventually(async () => await isAt(hosts, 'host'), BACK_LIMIT_MS);
  onlyTo(phones);
});
afterAll(async () => {
  await stage?.stop();
  await cluster?.stop();
});

test('a phone at another node than its computer is paired, and decides', async () => {
  paired = await stage.pair('operator', 'Its phone', offered);
  session = await stage.session(paired.phone, 'Far apart', 'shell cmd=touch lamp.txt');
  await paired.phone.card().waitFor();
  await paired.phone.decide('Allow');
  await stage.host.turnEnded(session);
  expect(await isAt(phones, 'device')).toBe(true);
  expect(await isAt(phones, 'host')).toBeNull();
  await sameHistory();
});

test('its node is killed: it is back by itself at the other one, and nothing is lost', async () => {
  onlyTo(hosts);
  const before = (await paired.phone.history(session)).length;
  await stage.host.send(session, 'SCRIPT:stream n=300 rate=150');
  await eventually(
    async () => ((await paired.phone.history(session)).length > before + 3 ? true : null),
    BACK_LIMIT_MS,
  );
  await phones.kill();
  await eventually(async () => await isAt(hosts, 'device'), BACK_LIMIT_MS);
  await stage.host.turnEnded(session, 2);
  await sameHistory();
});

test('what is written while the computer is off is left at the relay, and done without the phone', async () => {
  const { phone } = paired;
  await phones.start();
  onlyTo(phones);
  await stage.host.client.call('host.stop', { all: true });
  await phone.sees('porch is away');
  await phone.send('SCRIPT:recall');
  await phone.sees(/left at the relay/iu);
  await phone.screenshot('left-at-the-relay');
  await phone.page.close();
  await stage.host.connect();
  await stage.host.turnEnded(session, 3, BACK_LIMIT_MS);
  const told = await stage.host.events(session);
  expect(told.filter(({ type }) => type === 'prompt.queued')).toHaveLength(3);
});
