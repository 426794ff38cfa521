import { by, counter, gauge, type Family } from './exposition.ts';

/** What a node counts of its part among others, each part for itself. */
export interface ClusterFigures {
  readonly seeks: number;
  readonly found: number;
  readonly announced: number;
  readonly hostsMoved: number;
  readonly guestsTaken: number;
  readonly guestsRefused: number;
  readonly framesOut: number;
  readonly framesIn: number;
  readonly cargoBytesOut: number;
  readonly cargoBytesIn: number;
  readonly nodesLost: number;
  readonly sentAway: number;
}

export interface PeerFigures {
  /** Nodes that a link leads to now. */
  readonly linked: number;
  readonly allUnackedBytes: number;
  readonly counts: {
    readonly packetsSent: number;
    readonly packetsResent: number;
    readonly packetsHeard: number;
    readonly bytesSent: number;
    readonly bytesHeard: number;
  };
}

export interface NatsFigures {
  readonly isUp: boolean;
  readonly connects: number;
  readonly failedDials: number;
  readonly unsentBytes: number;
  readonly isRisky: boolean;
}

export interface MailFigures {
  readonly left: number;
  readonly notLeft: Readonly<Record<string, number>>;
  readonly handed: number;
  readonly taken: number;
  readonly dropped: number;
  readonly storeFailures: number;
}

export function clusterFamilies(figures: ClusterFigures): Family[] {
  const { framesOut, framesIn, cargoBytesOut, cargoBytesIn } = figures;
  return [
    counter('seeks_total', 'Hosts that were looked for at other nodes.', figures.seeks),
    counter('seeks_found_total', 'Of those, the ones that were found.', figures.found),
    counter(
      'announced_total',
      'Times that a host here was told to other nodes.',
      figures.announced,
    ),
    counter(
      'hosts_elsewhere_total',
      'Hosts sent away that had dialled another node since.',
      figures.hostsMoved,
    ),
    counter(
      'guests_elsewhere_total',
      'Guests whose offer was not of this node, by what came of them.',
      by('outcome', { taken: figures.guestsTaken, refused: figures.guestsRefused }),
    ),
    counter(
      'node_frames_total',
      'Frames of cargo between this node and others.',
      by('direction', { out: framesOut, in: framesIn }),
    ),
    counter(
      'node_cargo_bytes_total',
      'Bytes of cargo between this node and others.',
      by('direction', { out: cargoBytesOut, in: cargoBytesIn }),
    ),
    counter('nodes_lost_total', 'Links to other nodes that were lost.', figures.nodesLost),
    counter('cut_off_total', 'Sent away because this node was cut off.', figures.sentAway),
  ];
}

/** As many as there are now. */
export function wayFamilies(now: {
  readonly hosts: number;
  readonly trunks: number;
  readonly branches: number;
}): Family[] {
  return [
    gauge('hosts_here', 'Hosts whose home is this node.', now.hosts),
    gauge('trunks', 'Hosts at other nodes that devices here are with.', now.trunks),
    gauge('branches', 'Devices at other nodes that are with hosts here.', now.branches),
  ];
}

export function peerFamilies({ linked, allUnackedBytes, counts }: PeerFigures): Family[] {
  return [
    gauge('nodes_linked', 'Nodes that this one talks with.', linked),
    gauge('unacked_bytes', 'Sent to other nodes and not acknowledged.', allUnackedBytes),
    counter(
      'packets_total',
      'Packets between this node and others.',
      by('direction', { out: counts.packetsSent, in: counts.packetsHeard }),
    ),
    counter(
      'packet_bytes_total',
      'Bytes of packets between this node and others.',
      by('direction', { out: counts.bytesSent, in: counts.bytesHeard }),
    ),
    counter('packets_resent_total', 'Packets sent again.', counts.packetsResent),
  ];
}

export function natsFamilies(figures: NatsFigures): Family[] {
  return [
    gauge('nats_up', '1 while this node is connected with NATS.', figures.isUp ? 1 : 0),
    gauge(
      'nats_risky',
      '1 where the version of NATS can lose what it has acknowledged.',
      figures.isRisky ? 1 : 0,
    ),
    gauge('nats_unsent_bytes', 'Bytes for NATS that have not left.', figures.unsentBytes),
    counter('nats_connects_total', 'Times that this node was connected.', figures.connects),
    counter('nats_failed_dials_total', 'Times that it tried in vain.', figures.failedDials),
  ];
}

export function mailFamilies(figures: MailFigures): Family[] {
  return [
    counter('mail_left_total', 'Mail kept for hosts that are away.', figures.left),
    counter('mail_not_left_total', 'Mail not kept, by why.', by('why', figures.notLeft)),
    counter('mail_handed_total', 'Mail given to its host, again counts again.', figures.handed),
    counter('mail_taken_total', 'Mail that its host has taken.', figures.taken),
    counter('mail_dropped_total', 'Mail of devices that were revoked since.', figures.dropped),
    counter('mail_store_failures_total', 'Times that its store failed.', figures.storeFailures),
  ];
}
