import { visibleText } from '../../base/visible-text.ts';
import type { Approval } from '../../protocol/approval/approval.ts';
import { callText } from '../../protocol/approval/call-text.ts';

/** A menu is no place to read more than this; the window shows any length. */
const MAX_LINES = 24;
const MAX_LINE_CHARS = 100;

/**
 * The whole call as lines for a menu, or null when it is too long to be shown whole there: what
 * cannot be shown must not be allowed from the tray.
 */
export function callLines(approval: Approval): readonly string[] | null {
  const lines = callText(approval.call).flatMap((line) =>
    wrap(visibleText(line).replaceAll('\t', '\\t')),
  );
  return lines.length > MAX_LINES || lines.length === 0 ? null : lines;
}

function wrap(line: string): string[] {
  const characters = [...line];
  const lines: string[] = [];
  for (let at = 0; at < characters.length; at += MAX_LINE_CHARS)
    lines.push(characters.slice(at, at + MAX_LINE_CHARS).join(''));
  return lines.length === 0 ? [' '] : lines;
}
