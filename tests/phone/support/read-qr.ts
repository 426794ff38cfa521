import { PNG } from 'pngjs';
import decodeQR from 'qr/decode.js';

/** What the QR code in a picture says, as a camera would read it; fails when there is none. */
export function readQr(png: Buffer): string {
  const { width, height, data } = PNG.sync.read(png);
  return decodeQR({ width, height, data });
}
