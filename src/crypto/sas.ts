const LIMIT = 1_000_000;
/** The largest multiple of a million below 2^64 takes all but 5e-14 of the values. */
const ACCEPTED = (2n ** 64n / BigInt(LIMIT)) * BigInt(LIMIT);
const DRAWS = 4;

/**
 * The six digits that both screens show at pairing, from a secret of the handshake
 * (`secret('sas', …)`). All digits are equally likely: a draw that would favour small ones is put back.
 */
export function shortCode(secret: (label: string, length: number) => Uint8Array): string {
  const bytes = secret('sas', DRAWS * 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const value = view.getBigUint64(draw * 8);
      if (value < ACCEPTED) return String(value % BigInt(LIMIT)).padStart(6, '0');
    }
  } finally {
    bytes.fill(0);
  }
  // Once in 2^175 handshakes.
  throw new Error('No six digits came of this handshake; pair again.');
}
