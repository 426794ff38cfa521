const END_OF_HEAD = Buffer.from('\r\n\r\n');
/** RFC 6455 §5.2: from here on opcodes are control frames. */
const FIRST_CONTROL_OPCODE = 0x8;

/** Counts the WebSocket frames in one direction of a TCP connection that begins as HTTP. */
export class FrameCount {
  #head: Buffer | null = Buffer.alloc(0);
  #isWebSocket = false;
  #rest = Buffer.alloc(0);
  #skip = 0;

  /** Messages (data frames) and control frames that began in these bytes. */
  read(bytes: Buffer): { messages: number; control: number } {
    const count = { messages: 0, control: 0 };
    let input: Buffer = bytes;
    if (this.#head !== null) {
      this.#head = Buffer.concat([this.#head, bytes]);
      const end = this.#head.indexOf(END_OF_HEAD);
      if (end === -1) return count;
      // A request that asks for it, and the answer that grants it, say so alike.
      this.#isWebSocket = /^upgrade:\s*websocket/im.test(this.#head.toString('latin1', 0, end));
      input = this.#head.subarray(end + END_OF_HEAD.length);
      this.#head = null;
    }
    if (!this.#isWebSocket) return count;
    this.#rest = Buffer.concat([this.#rest, input]);
    for (;;) {
      const skipped = Math.min(this.#skip, this.#rest.length);
      this.#rest = this.#rest.subarray(skipped);
      this.#skip -= skipped;
      const frame = frameAt(this.#rest);
      if (this.#skip > 0 || frame === null) return count;
      count[frame.isControl ? 'control' : 'messages'] += 1;
      this.#rest = this.#rest.subarray(frame.headBytes);
      this.#skip = frame.bodyBytes;
    }
  }
}

function frameAt(
  bytes: Buffer,
): { isControl: boolean; headBytes: number; bodyBytes: number } | null {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return null;
  const short = second & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const headBytes = 2 + lengthBytes + ((second & 0x80) === 0 ? 0 : 4);
  if (bytes.length < headBytes) return null;
  const bodyBytes =
    lengthBytes === 8
      ? Number(bytes.readBigUInt64BE(2))
      : lengthBytes === 2
        ? bytes.readUInt16BE(2)
        : short;
  return { isControl: (first & 0x0f) >= FIRST_CONTROL_OPCODE, headBytes, bodyBytes };
}
