/**
 * Characters that a terminal, a person and a shell may each see in another way: controls, marks that
 * turn the direction, everything invisible, spaces that look like one, halves of pairs.
 */
const UNSEEN =
  /[^\P{C}\n\t]|\p{Default_Ignorable_Code_Point}|\p{Zl}|\p{Zp}|[^\P{Zs} ]|[\u2800\u115F\u1160\u3164\uFFA0]/u;
const EMOJI_STYLE = /\p{Extended_Pictographic}\uFE0F/gu;

/** Why the characters of a text forbid reading it; null when nothing does. */
export function unseenCharacter(text: string): string | null {
  const found = UNSEEN.exec(text.includes('\uFE0F') ? text.replace(EMOJI_STYLE, '*') : text);
  if (found === null) return null;
  const code = found[0].codePointAt(0) ?? 0;
  return `it holds the character U+${code.toString(16).toUpperCase().padStart(4, '0')}, which cannot be seen`;
}
