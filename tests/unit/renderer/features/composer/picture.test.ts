import { describe, expect, test } from 'vitest';
import {
  readPicture,
  type DecodedPicture,
  type PictureTools,
} from '../../../../../renderer/features/composer/picture.ts';

const ROOM = 8_000_000;

/** A picture whose size in bytes follows from its pixels and the quality asked for. */
function camera(
  width: number,
  height: number,
  bytesPerPixel = 1,
): PictureTools & {
  readonly encoded: string[];
  readonly closed: { count: number };
} {
  const encoded: string[] = [];
  const closed = { count: 0 };
  const picture: DecodedPicture = {
    width,
    height,
    encode: async (w, h, type, quality) => {
      encoded.push(`${w}x${h} ${quality}`);
      return new Blob([new Uint8Array(Math.round(w * h * bytesPerPixel * quality))], { type });
    },
    close: () => void (closed.count += 1),
  };
  return { decode: async () => picture, encoded, closed };
}

const file = (name: string, type: string, bytes = 10): File =>
  new File([new Uint8Array(bytes)], name, { type });

describe('a picture of the camera roll', () => {
  test('is made no larger than models look at, and loses what it says about its place', async () => {
    const tools = camera(4_032, 3_024, 0.2);
    const read = await readPicture(file('IMG_1.jpg', 'image/jpeg'), ROOM, tools);
    expect(tools.encoded).toEqual(['2000x1500 0.85']);
    expect('image' in read && [read.image.mimeType, read.image.name]).toEqual([
      'image/jpeg',
      'IMG_1.jpg',
    ]);
    expect(tools.closed.count).toBe(1);
  });

  test('is sent as it is where it is a small drawing, but never as the camera wrote it', async () => {
    const drawing = camera(800, 600);
    await readPicture(file('a.png', 'image/png'), ROOM, drawing);
    const photo = camera(800, 600);
    await readPicture(file('a.jpg', 'image/jpeg'), ROOM, photo);
    expect([drawing.encoded, photo.encoded]).toEqual([[], ['800x600 0.85']]);
  });

  test('is made smaller until it fits into what is left of the message', async () => {
    const tools = camera(4_000, 2_000, 1);
    const read = await readPicture(file('a.jpg', 'image/jpeg'), 900_000, tools);
    expect(tools.encoded).toEqual([
      '2000x1000 0.85',
      '2000x1000 0.65',
      '1400x700 0.7',
      '1000x500 0.6',
    ]);
    expect('image' in read).toBe(true);
    const none = await readPicture(file('a.jpg', 'image/jpeg'), 1_000, camera(4_000, 2_000));
    expect(none).toEqual({ problem: 'noRoom' });
  });

  test.each([
    ['IMG_2.HEIC', '', 'heic'],
    ['IMG_2', 'image/heif', 'heic'],
    ['notes.pdf', 'application/pdf', 'unreadable'],
  ])('%s (%s) that the browser cannot read is called %s', async (name, type, problem) => {
    const broken: PictureTools = { decode: async () => await Promise.reject(new Error('no')) };
    expect(await readPicture(file(name, type), ROOM, broken)).toEqual({ problem });
  });
});
