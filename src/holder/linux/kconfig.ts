/** The last one counts, as for KConfig; null: it is not set. */
export function kconfigValue(text: string, group: string, key: string): string | null {
  const at = lineOf(text.split('\n'), group, key);
  return at === null ? null : at.value;
}

/**
 * A file of KConfig with one key changed, and every other byte as it was. null takes the key out, and its
 * group when nothing else stands in it.
 */
export function kconfigWith(
  text: string,
  group: string,
  key: string,
  value: string | null,
): string {
  const lines = text.split('\n');
  const found = lineOf(lines, group, key);
  if (value === null) return found === null ? text : without(lines, found.index);
  if (found !== null) {
    lines[found.index] = `${key}=${value}`;
    return lines.join('\n');
  }
  const end = lastLineOf(lines, group);
  if (end !== null) {
    lines.splice(end + 1, 0, `${key}=${value}`);
    return lines.join('\n');
  }
  const before = text === '' ? '' : `${text.replace(/\n*$/u, '')}\n\n`;
  return `${before}${group}\n${key}=${value}\n`;
}

interface Line {
  readonly index: number;
  readonly value: string;
}

function lineOf(lines: readonly string[], group: string, key: string): Line | null {
  let current = '';
  let found: Line | null = null;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line.startsWith('[')) current = line;
    else if (current === group && line.startsWith(key)) {
      const rest = line.slice(key.length).trimStart();
      if (rest.startsWith('=')) found = { index, value: rest.slice(1).trim() };
    }
  }
  return found;
}

/** The last line of the group that says something, or its head. */
function lastLineOf(lines: readonly string[], group: string): number | null {
  let current = '';
  let last: number | null = null;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line.startsWith('[')) current = line;
    if (current === group && line !== '') last = index;
  }
  return last;
}

function without(lines: string[], index: number): string {
  lines.splice(index, 1);
  const isAlone =
    (lines[index - 1] ?? '').trim().startsWith('[') &&
    lines
      .slice(index)
      .find((line) => line.trim() !== '')
      ?.trim()
      .startsWith('[') !== false;
  if (isAlone) {
    // The blank line before a group came with it.
    const from = (lines[index - 2] ?? 'x').trim() === '' ? index - 2 : index - 1;
    lines.splice(from, index - from);
  }
  return lines.join('\n');
}
