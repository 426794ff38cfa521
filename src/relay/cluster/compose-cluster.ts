import type { Logger } from '../../base/log.ts';
import type { Clock } from '../clock.ts';
import type { MailStore } from '../mail/mail-store.ts';
import { natsFamilies, peerFamilies } from '../metrics/cluster-families.ts';
import { HopWatch } from '../metrics/hop-watch.ts';
import type { ClusterNotes } from '../notes/cluster-notes.ts';
import { openClusterNotes } from '../notes/open-cluster-notes.ts';
import type { NoteRules } from '../notes/open-notes.ts';
import type { ClusterParts } from './cluster.ts';
import { newNodeId } from './node-id.ts';
import { openNats } from './open-nats.ts';
import { PeerLinks } from './peer-links.ts';
import type { ClusterSettings } from './settings.ts';
import { Subjects } from './subjects.ts';

/** What a relay is given to be one node of many. */
export interface ClusterNode {
  readonly cluster: ClusterParts;
  readonly notes: ClusterNotes;
  readonly mail: MailStore;
}

/**
 * A node over NATS. Throws, in words, for settings with which no server could be dialled; that none is
 * there yet is no reason not to begin.
 */
export function composeCluster(
  settings: ClusterSettings,
  noteRules: NoteRules,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): ClusterNode {
  const wallMs = (): number => Date.now();
  const random = (): number => Math.random();
  const nats = openNats(settings, { clock, log, wallMs, random });
  const { bus, facts, lease, link } = nats;
  const self = newNodeId();
  const subjects = new Subjects(settings.prefix);
  const peers = new PeerLinks({ self, bus, subjects, clock });
  const hops = new HopWatch(bus, subjects, self, clock);
  const openStore = nats.openNotes.bind(nats);
  return {
    cluster: {
      ...{ bus, peers, subjects, facts, wallMs },
      problem: () => link.problem,
      families: () => [...peerFamilies(peers), ...natsFamilies(link.figures()), ...hops.families()],
      close: async () => {
        hops.close();
        await nats.close();
      },
    },
    notes: openClusterNotes({ self, bus, subjects, lease, openStore }, noteRules, clock, log),
    mail: nats.mail,
  };
}
