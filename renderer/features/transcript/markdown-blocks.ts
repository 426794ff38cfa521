const FENCE = /^ {0,3}(`{3,}|~{3,})/;
/** A line that may belong to what stands before the blank line: indented, a list, a quote, a table. */
const CONTINUES = /^(\s|[-*+] |\d+[.)] |>|\|)/;

/**
 * Cuts markdown at blank lines where a cut changes nothing, so that of a growing answer only the last
 * block is parsed again. Fences stay whole; lists, quotes and indented text stay together.
 */
export function markdownBlocks(text: string): string[] {
  const lines = text.split('\n');
  const blocks: string[] = [];
  let start = 0;
  let fence: string | null = null;
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    const mark = FENCE.exec(line)?.[1];
    if (fence !== null) {
      if (mark !== undefined && mark.startsWith(fence) && line.trim() === mark) fence = null;
      continue;
    }
    if (mark !== undefined) {
      fence = mark;
      continue;
    }
    if (line.trim() !== '' || i === start) continue;
    let next = i + 1;
    while (next < lines.length && (lines[next] ?? '').trim() === '') next += 1;
    if (next >= lines.length) break;
    if (CONTINUES.test(lines[next] ?? '')) continue;
    blocks.push(lines.slice(start, i).join('\n'));
    start = next;
    i = next - 1;
  }
  const rest = lines.slice(start).join('\n');
  if (rest.trim() !== '' || blocks.length === 0) blocks.push(rest);
  return blocks;
}
