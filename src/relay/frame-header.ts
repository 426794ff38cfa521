import { SLOT_BYTES } from './line.ts';

/** Unmasked, unfragmented, binary: RFC 6455 §5.2. */
const BINARY = 0x82;
const SHORT_MAX = 125;
const MEDIUM = 126;
const MEDIUM_MAX = 0xffff;
const LONG = 127;

/**
 * Turns `slot ‖ cargo` into a WebSocket frame of the cargo, in place: the header of anything up to
 * 65,535 bytes is no longer than the slot number that it takes the room of.
 */
export function frameInPlace(frame: Buffer): Buffer {
  const length = frame.length - SLOT_BYTES;
  if (length <= SHORT_MAX) {
    frame[2] = BINARY;
    frame[3] = length;
    return frame.subarray(2);
  }
  frame[0] = BINARY;
  frame[1] = MEDIUM;
  frame[2] = length >>> 8;
  frame[3] = length & 0xff;
  return frame;
}

/** Header and slot number of a frame that carries `length` bytes of cargo to a host; `room` is left after them. */
export function headerWithSlot(slot: number, length: number, room: number): Buffer {
  const payload = length + SLOT_BYTES;
  const headerBytes = payload <= SHORT_MAX ? 2 : payload <= MEDIUM_MAX ? 4 : 10;
  const header = Buffer.allocUnsafe(headerBytes + SLOT_BYTES + room);
  header[0] = BINARY;
  if (headerBytes === 2) header[1] = payload;
  else if (headerBytes === 4) {
    header[1] = MEDIUM;
    header.writeUInt16BE(payload, 2);
  } else {
    header[1] = LONG;
    header.writeUInt32BE(0, 2);
    header.writeUInt32BE(payload, 6);
  }
  header.writeUInt32BE(slot, headerBytes);
  return header;
}
