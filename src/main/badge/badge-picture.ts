export interface Bitmap {
  readonly size: number;
  /** Blue, green, red, alpha of each pixel, row by row; alpha is multiplied in. */
  readonly pixels: Buffer;
}

/** Twice the 16 pixels of a taskbar overlay, for sharp screens. */
const SIZE = 32;
const RADIUS = 15.5;
/** The lamp's amber, and ink on it. */
const AMBER = [0x3d, 0xa6, 0xe8] as const;
const INK = [0x14, 0x1c, 0x24] as const;

/** Rows of three pixels, as bits. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  '0': [7, 5, 5, 5, 7],
  '1': [2, 6, 2, 2, 7],
  '2': [7, 1, 7, 4, 7],
  '3': [7, 1, 7, 1, 7],
  '4': [5, 5, 7, 1, 1],
  '5': [7, 4, 7, 1, 7],
  '6': [7, 4, 7, 5, 7],
  '7': [7, 1, 1, 1, 1],
  '8': [7, 5, 7, 5, 7],
  '9': [7, 5, 7, 1, 7],
  '+': [0, 2, 7, 2, 0],
};
const GLYPH = { width: 3, height: 5 };

/** A disk with the count in it; what has more than two digits is "99+". */
export function badgePicture(count: number): Bitmap {
  const text = count > 99 ? '99+' : String(Math.max(0, Math.floor(count)));
  const columns = text.length * (GLYPH.width + 1) - 1;
  const scale = text.length === 1 ? 4 : text.length === 2 ? 3 : 2;
  const left = Math.round((SIZE - columns * scale) / 2);
  const top = Math.round((SIZE - GLYPH.height * scale) / 2);
  const isInk = (x: number, y: number): boolean => {
    const column = Math.floor((x - left) / scale);
    const row = Math.floor((y - top) / scale);
    if (column < 0 || column >= columns || row < 0 || row >= GLYPH.height) return false;
    const bits = GLYPHS[text[Math.floor(column / 4)] ?? '']?.[row] ?? 0;
    return column % 4 < GLYPH.width && ((bits >> (GLYPH.width - 1 - (column % 4))) & 1) === 1;
  };
  const pixels = Buffer.alloc(SIZE * SIZE * 4);
  for (let y = 0; y < SIZE; y += 1)
    for (let x = 0; x < SIZE; x += 1) {
      const off = Math.hypot(x + 0.5 - SIZE / 2, y + 0.5 - SIZE / 2);
      const alpha = Math.min(1, Math.max(0, RADIUS - off + 0.5));
      const colour = isInk(x, y) ? INK : AMBER;
      for (const [i, value] of [...colour, 255].entries())
        pixels[(y * SIZE + x) * 4 + i] = Math.round(value * alpha);
    }
  return { size: SIZE, pixels };
}
