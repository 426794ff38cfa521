/**
 * A packet between two nodes, as it is published on the subject of the one that shall hear it:
 *
 *     version 1 │ kind 1 │ 0 2 │ from: node id, ASCII 16 │ session 4 │ yours 4 │ number 6 │ heardUpTo 6 │ body
 *
 * Numbers are big-endian. `session` is the sender's number of this link; it grows with each link that
 * a node begins, so a late packet of an earlier one is known as such. `yours` is that of the other
 * side as far as the sender knows it, otherwise 0. Messages packets are numbered from 1 in each
 * direction; in all others `number` is the last one that was sent. A body is a row of pieces:
 *
 *     length, in the top bit whether the message goes on in the next piece 4 │ bytes
 */
export const PACKET_VERSION = 1;
export const HEAD_BYTES = 40;
export const PIECE_HEAD_BYTES = 4;

export const kinds = {
  messages: 1,
  /** That the sender is there, how far it has heard, and how far it has sent. */
  word: 2,
  /** The same, and it wants to know how far the other has heard. */
  ask: 3,
  /** The same, and something that it has not heard was sent: all after `heardUpTo` is to be sent again. */
  missing: 4,
  /** The link with this `session` of the sender, or with `yours`, is over; 0 names none. */
  over: 5,
  /** The sender ends: all with it is over. */
  goodbye: 6,
} as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

export interface PacketHead {
  readonly kind: Kind;
  readonly from: string;
  readonly session: number;
  readonly yours: number;
  readonly number: number;
  readonly heardUpTo: number;
}

const MORE = 0x8000_0000;
const known: ReadonlySet<number> = new Set(Object.values(kinds));

/** Into the first `HEAD_BYTES` of the packet. */
export function writeHead(packet: Buffer, head: PacketHead): void {
  packet[0] = PACKET_VERSION;
  packet[1] = head.kind;
  packet[2] = 0;
  packet[3] = 0;
  packet.write(head.from, 4, 16, 'latin1');
  packet.writeUInt32BE(head.session, 20);
  packet.writeUInt32BE(head.yours, 24);
  packet.writeUIntBE(head.number, 28, 6);
  packet.writeUIntBE(head.heardUpTo, 34, 6);
}

/** null: not a packet of this version. A newer node is not understood, and is not talked to. */
export function readHead(packet: Buffer): PacketHead | null {
  if (packet.length < HEAD_BYTES || packet[0] !== PACKET_VERSION) return null;
  const kind = packet[1] ?? 0;
  if (!isKind(kind)) return null;
  return {
    kind,
    from: packet.toString('latin1', 4, 20),
    session: packet.readUInt32BE(20),
    yours: packet.readUInt32BE(24),
    number: packet.readUIntBE(28, 6),
    heardUpTo: packet.readUIntBE(34, 6),
  };
}

const isKind = (kind: number): kind is Kind => known.has(kind);

/** Returns where the next piece begins. */
export function writePieceHead(packet: Buffer, at: number, length: number, more: boolean): number {
  return packet.writeUInt32BE(more ? length + MORE : length, at);
}

/** Whether each piece of a packet lies within it. */
export function isWhole(packet: Buffer): boolean {
  let at = HEAD_BYTES;
  while (at + PIECE_HEAD_BYTES <= packet.length)
    at += PIECE_HEAD_BYTES + (packet.readUInt32BE(at) % MORE);
  return at === packet.length;
}

/** The pieces of a whole packet, as views of it; false ends it early. */
export function forEachPiece(packet: Buffer, act: (piece: Buffer, more: boolean) => boolean): void {
  let at = HEAD_BYTES;
  while (at < packet.length) {
    const word = packet.readUInt32BE(at);
    at += PIECE_HEAD_BYTES;
    const end = at + (word % MORE);
    if (!act(packet.subarray(at, end), word >= MORE)) return;
    at = end;
  }
}
