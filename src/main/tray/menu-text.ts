import { visibleLine } from '../../base/visible-text.ts';

/** A menu has no room for more lines of one text. */
const MAX_LINES = 20;
const MAX_WIDTH = 72;

/** One line of a menu; for a path the end says more than the beginning. */
export function short(text: string, max: number, keep: 'start' | 'end' = 'start'): string {
  const characters = [...visibleLine(text)];
  if (characters.length <= max) return characters.join('');
  return keep === 'start'
    ? `${characters.slice(0, max - 1).join('')}…`
    : `…${characters.slice(1 - max).join('')}`;
}

/** A sentence cut at spaces into lines that a menu can show. */
export function words(text: string): string[] {
  const lines: string[] = [];
  for (const word of visibleLine(text).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < MAX_WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.slice(0, MAX_LINES);
}
