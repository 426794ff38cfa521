import type { DraftImage } from '../../state/drafts.ts';
import { base64Of } from './prompt-parts.ts';

/** No model looks at more pixels than this on a side. */
export const MAX_PICTURE_SIDE_PX = 2_000;
/** Smaller pictures of these kinds are sent as they are. JPEG is not among them: it may say where it was taken. */
const KEPT_TYPES: readonly string[] = ['image/png', 'image/webp', 'image/gif'];
const KEPT_BYTES = 1_000_000;

/** What the reading of pictures needs of the browser; narrow so that tests can stand in for it. */
export interface PictureTools {
  /** Throws when the browser cannot read this kind of picture. */
  decode(file: Blob): Promise<DecodedPicture>;
}

export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  encode(width: number, height: number, type: string, quality: number): Promise<Blob>;
  close(): void;
}

export type PictureProblem = 'heic' | 'unreadable' | 'noRoom';

/** Largest first: each is tried until one fits. */
const STEPS: readonly { readonly side: number; readonly quality: number }[] = [
  { side: MAX_PICTURE_SIDE_PX, quality: 0.85 },
  { side: MAX_PICTURE_SIDE_PX, quality: 0.65 },
  { side: 1_400, quality: 0.7 },
  { side: 1_000, quality: 0.6 },
];

/** A picture of the camera roll, small enough for `roomBytes` of base64, without what it says about where it was taken. */
export async function readPicture(
  file: File,
  roomBytes: number,
  tools: PictureTools = browserTools,
): Promise<{ readonly image: DraftImage } | { readonly problem: PictureProblem }> {
  let picture: DecodedPicture;
  try {
    picture = await tools.decode(file);
  } catch {
    return { problem: isHeic(file) ? 'heic' : 'unreadable' };
  }
  try {
    const { width, height } = picture;
    const isSmall = Math.max(width, height) <= MAX_PICTURE_SIDE_PX && file.size <= KEPT_BYTES;
    if (isSmall && KEPT_TYPES.includes(file.type) && base64Bytes(file.size) <= roomBytes)
      return { image: await imageOf(file, file.type, file.name) };
    for (const { side, quality } of STEPS) {
      const scale = Math.min(1, side / Math.max(width, height, 1));
      const blob = await picture.encode(
        Math.max(1, Math.round(width * scale)),
        Math.max(1, Math.round(height * scale)),
        'image/jpeg',
        quality,
      );
      if (base64Bytes(blob.size) <= roomBytes)
        return { image: await imageOf(blob, blob.type, file.name) };
    }
    return { problem: 'noRoom' };
  } catch {
    return { problem: 'unreadable' };
  } finally {
    picture.close();
  }
}

/** iOS names the type, other systems often do not. */
function isHeic({ name, type }: File): boolean {
  return /heic|heif/i.test(type) || /\.hei[cf]$/i.test(name);
}

function base64Bytes(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

async function imageOf(blob: Blob, mimeType: string, name: string): Promise<DraftImage> {
  return { name, mimeType, data: await base64Of(blob) };
}

const browserTools: PictureTools = {
  decode: async (file) => {
    // `from-image`: turned the way the camera was held.
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
    return {
      width: bitmap.width,
      height: bitmap.height,
      encode: async (width, height, type, quality) => {
        const canvas = document.createElement('canvas');
        canvas.width = width;
        canvas.height = height;
        const context = canvas.getContext('2d');
        if (context === null) throw new Error('This browser has no canvas.');
        // JPEG knows no transparency; what was see-through would turn black.
        context.fillStyle = '#fff';
        context.fillRect(0, 0, width, height);
        context.drawImage(bitmap, 0, 0, width, height);
        return await new Promise<Blob>((resolve, reject) =>
          canvas.toBlob(
            (blob) => (blob === null ? reject(new Error('No picture came out.')) : resolve(blob)),
            type,
            quality,
          ),
        );
      },
      close: () => bitmap.close(),
    };
  },
};
