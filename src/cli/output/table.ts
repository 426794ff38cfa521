import { fit, oneLine, width } from './text.ts';

const GAP = '  ';

/**
 * Aligned columns under a heading. With `columns` (a terminal's width) the last column is cut to
 * fit; into a pipe everything goes whole.
 */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  columns?: number,
): string {
  const lines = [heading, ...rows.map((row) => row.map(oneLine))];
  const widths = heading.map((_, i) => Math.max(...lines.map((line) => width(line[i] ?? ''))));
  return lines.map((line) => layOut(line, widths, columns)).join('\n');
}

function layOut(
  line: readonly string[],
  widths: readonly number[],
  columns: number | undefined,
): string {
  const last = line.length - 1;
  const text = line
    .map((cell, i) => (i === last ? cell : cell + ' '.repeat((widths[i] ?? 0) - width(cell))))
    .join(GAP);
  return (columns === undefined ? text : fit(text, columns)).trimEnd();
}
