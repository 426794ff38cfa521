import QRCode from 'qrcode';

/** Light around the code, in modules: ISO/IEC 18004 asks for 4, every phone is content with 2. */
const MARGIN = 2;
/** Plain black on plain white, whatever the colours of the terminal: 16 and 231 of the 256 are fixed. */
const INK = '\u001b[38;5;16;48;5;231m';
const RESET = '\u001b[0m';

/**
 * The code as lines of half blocks, two modules high each; null where it is wider than `columns`.
 * Coloured for a terminal; without one in plain characters, dark on light.
 */
export function terminalQr(text: string, columns: number | undefined): readonly string[] | null {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'L' });
  const size = modules.size + 2 * MARGIN;
  if (columns !== undefined && size > columns) return null;
  const isDark = (row: number, column: number): boolean => {
    const [y, x] = [row - MARGIN, column - MARGIN];
    const isInside = y >= 0 && x >= 0 && y < modules.size && x < modules.size;
    return isInside && modules.get(y, x) === 1;
  };
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    let line = '';
    for (let column = 0; column < size; column += 1)
      line += halfBlock(isDark(row, column), isDark(row + 1, column));
    lines.push(columns === undefined ? line : `${INK}${line}${RESET}`);
  }
  return lines;
}

function halfBlock(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀';
  return lower ? '▄' : ' ';
}
