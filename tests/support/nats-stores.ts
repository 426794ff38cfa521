import { silentLogger } from '../../src/base/log.ts';
import { systemClock } from '../../src/relay/clock.ts';
import { Jet } from '../../src/relay/cluster/jet.ts';
import { NatsLink } from '../../src/relay/cluster/nats-link.ts';
import type { ClusterSettings } from '../../src/relay/cluster/settings.ts';

/** A connection of one node in a test, which is up. */
export async function joinNats(
  settings: ClusterSettings,
): Promise<{ readonly link: NatsLink; readonly jet: Jet }> {
  const needs = { clock: systemClock, random: Math.random, log: silentLogger };
  const link = NatsLink.open(settings, needs);
  const jet = new Jet({ ...needs, link, replicas: settings.replicas });
  await link.up(10_000);
  return { link, jet };
}
