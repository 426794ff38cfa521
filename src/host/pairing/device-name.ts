import { MAX_DEVICE_NAME_CHARS } from '../../protocol/devices.ts';

const UNNAMED = 'A device without a name';

/**
 * A name from outside as it may be shown: one line, without control, format and bidi characters
 * that could make it look like another text, and not too long. Never empty.
 */
export function deviceName(given: string): string {
  const clean = given
    .normalize('NFC')
    .replace(
      /[\p{Control}\p{Format}\p{Surrogate}\p{Private_Use}\p{Line_Separator}\p{Paragraph_Separator}]/gu,
      ' ',
    )
    // A pile of marks on one letter would reach over the lines around it.
    .replace(/(\p{Mark}{2})\p{Mark}+/gu, '$1')
    .replace(/\s+/gu, ' ')
    .trim();
  return cut(clean) || UNNAMED;
}

/** By whole characters: half of a pair is none. */
function cut(text: string): string {
  if (text.length <= MAX_DEVICE_NAME_CHARS) return text;
  let kept = '';
  for (const character of text) {
    if (kept.length + character.length > MAX_DEVICE_NAME_CHARS - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}
