/** Reads a QR code out of one picture; null where there is none. */
export type ReadCode = (frame: CanvasImageSource) => Promise<string | null>;

/** The browser's own reader, where it has one; not in TypeScript's list of what browsers have. */
interface OwnReader {
  detect(frame: CanvasImageSource): Promise<readonly { readonly rawValue: string }[]>;
}
interface OwnReaderClass {
  new (options: { formats: string[] }): OwnReader;
  getSupportedFormats(): Promise<string[]>;
}

/** Code on a screen fills a good part of the picture; more pixels only cost time. */
const FRAME_SIDE = 800;
const PICTURE_SIDES = [1_000, 1_800, 600];
const FRAME_LIMIT_MS = 60;
const PICTURE_LIMIT_MS = 1_500;

/** For the frames of a camera: the browser's own reader if it has one, else ours. */
export async function frameReader(page: typeof globalThis = globalThis): Promise<ReadCode> {
  const own = await ownReader(page);
  const decode = await ourDecoder();
  const canvas = document.createElement('canvas');
  return async (frame) => {
    if (own !== null) {
      try {
        const [found] = await own.detect(frame);
        if (found !== undefined) return found.rawValue;
      } catch {
        // Some announce a reader that cannot read (no service behind it).
      }
    }
    return decode(canvas, frame, FRAME_SIDE, FRAME_LIMIT_MS);
  };
}

/** For a picture that the person chose: it may be large, and holds still. */
export async function readPicture(file: Blob): Promise<string | null> {
  const decode = await ourDecoder();
  const picture = await createImageBitmap(file);
  try {
    const canvas = document.createElement('canvas');
    for (const side of PICTURE_SIDES) {
      const text = decode(canvas, picture, side, PICTURE_LIMIT_MS);
      if (text !== null) return text;
    }
    return null;
  } finally {
    picture.close();
  }
}

async function ownReader(page: object): Promise<OwnReader | null> {
  const Reader = Reflect.get(page, 'BarcodeDetector') as OwnReaderClass | undefined;
  try {
    if (Reader === undefined || !(await Reader.getSupportedFormats()).includes('qr_code'))
      return null;
    return new Reader({ formats: ['qr_code'] });
  } catch {
    return null;
  }
}

async function ourDecoder() {
  const { decodeQR } = await import('qr/decode.js');
  return (
    canvas: HTMLCanvasElement,
    frame: CanvasImageSource,
    side: number,
    timeLimit: number,
  ): string | null => {
    const [width, height] = sizeOf(frame);
    if (width === 0 || height === 0) return null;
    const scale = Math.min(1, side / Math.min(width, height));
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) return null;
    context.drawImage(frame, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height), { timeLimit });
    } catch {
      // It throws for every picture without a code.
      return null;
    }
  };
}

function sizeOf(frame: CanvasImageSource): [number, number] {
  if (frame instanceof HTMLVideoElement) return [frame.videoWidth, frame.videoHeight];
  if (frame instanceof ImageBitmap) return [frame.width, frame.height];
  return [0, 0];
}
