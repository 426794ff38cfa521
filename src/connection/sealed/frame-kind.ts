/** The first byte inside a sealed frame. Anything else is fatal. */
export const FRAME = {
  /** The last part of a text, or a whole one. */
  last: 0,
  /** A part of a text; more follows. Other kinds may come between parts. */
  more: 1,
  /** The sender's last frame under its old key (Noise Rekey). Empty. */
  rekey: 2,
  /** u32: bytes of text frames taken since the last credit. */
  credit: 3,
  /** 8 bytes, which come back in a pong. */
  ping: 4,
  pong: 5,
  /** The sender's last frame: a reason in UTF-8. */
  bye: 6,
} as const;
