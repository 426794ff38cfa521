import { concat } from '../../crypto/bytes.ts';

const LENGTH_BYTES = 4;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** How much of a payload a text takes. */
export const packedBytes = (text: Uint8Array): number => LENGTH_BYTES + text.length;

/** Texts that ride in a handshake message: u32 length, then UTF-8, each. */
export function packTexts(texts: readonly Uint8Array[]): Uint8Array {
  return concat(
    ...texts.flatMap((text) => {
      const length = new Uint8Array(LENGTH_BYTES);
      new DataView(length.buffer).setUint32(0, text.length);
      return [length, text];
    }),
  );
}

/** Null when the bytes are not whole texts in UTF-8. */
export function unpackTexts(bytes: Uint8Array): string[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + LENGTH_BYTES > bytes.length) return null;
    const start = at + LENGTH_BYTES;
    at = start + view.getUint32(at);
    if (at > bytes.length) return null;
    try {
      texts.push(decoder.decode(bytes.subarray(start, at)));
    } catch {
      return null;
    }
  }
  return texts;
}
