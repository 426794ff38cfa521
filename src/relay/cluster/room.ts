/**
 * What a bus may put around a payload, so that it goes out without being copied: with NATS the line
 * that says subject and size in front of it, and the end of a line behind.
 */
export const ROOM = { front: 96, back: 2 } as const;

/** Many small payloads share a piece of memory, which is let go of with the last of them. */
const SHARED_BYTES = 64 * 1024;
/** A bigger one has its own. */
const MAX_SHARING_BYTES = SHARED_BYTES / 3;

let shared = Buffer.alloc(0);
let taken = 0;

/** Memory for a payload, not cleared, with `ROOM` around it. */
export function withRoom(bytes: number): Buffer {
  const size = ROOM.front + bytes + ROOM.back;
  if (size > MAX_SHARING_BYTES)
    return Buffer.allocUnsafeSlow(size).subarray(ROOM.front, -ROOM.back);
  if (taken + size > shared.length) {
    shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
    taken = 0;
  }
  const from = taken + ROOM.front;
  taken += size;
  return shared.subarray(from, from + bytes);
}
