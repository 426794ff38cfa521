/** What a node counts of its part in a cluster; the operator sees these numbers and no more. */
export class ClusterCounts {
  /** Hosts looked for, and found at another node. */
  seeks = 0;
  found = 0;
  announced = 0;
  /** Hosts sent away because they had dialled another node since. */
  hostsMoved = 0;
  /** Guests whose offer was at another node, and those that none was found for. */
  guestsTaken = 0;
  guestsRefused = 0;
  /** Frames of cargo to and from other nodes. */
  framesOut = 0;
  framesIn = 0;
  cargoBytesOut = 0;
  cargoBytesIn = 0;
  /** Links to other nodes that were lost. */
  nodesLost = 0;
  /** Sent away because this node was cut off. */
  sentAway = 0;
}
