import { fit, width } from '../output/text.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

const CSI = '\u001b[';
const ERASE_TO_END_OF_LINE = `${CSI}K`;
const ERASE_BELOW = `${CSI}J`;

/**
 * A few lines at the foot of a terminal, painted over in place. Nothing of the terminal's own is
 * changed (no other screen, no hidden cursor, no raw keys), so that it is as it was however this ends.
 */
export class LivePage {
  #painted: readonly string[] = [];

  /** What puts `text` in the place of what was painted last. It must fit: see {@link roomFor}. */
  paint(text: string, size: TerminalSize): string {
    const start = this.#toStart(size);
    // A line that is just as wide as the terminal leaves the cursor in doubt.
    this.#painted = text.split('\n').map((line) => fit(line, size.columns - 1));
    const lines = this.#painted.map((line) => `${line}${ERASE_TO_END_OF_LINE}\r\n`);
    return `${start}${lines.join('')}${ERASE_BELOW}`;
  }

  /** Leaves what was painted, and takes away what a pressed Ctrl-C has left behind it. */
  end(): string {
    return this.#painted.length === 0 ? '' : `\r${ERASE_BELOW}`;
  }

  #toStart({ columns, rows }: TerminalSize): string {
    // A terminal that was made narrower has wrapped what stands there.
    const up = this.#painted.reduce(
      (n, line) => n + Math.max(1, Math.ceil(width(line) / columns)),
      0,
    );
    return up === 0 ? '\r' : `\r${CSI}${Math.min(up, rows - 1)}A`;
  }
}

/** Lines that a page may have: what has scrolled away cannot be painted over. */
export function roomFor({ rows }: TerminalSize): number {
  return Math.max(2, rows - 1);
}
