/**
 * A stretch of text as it may be shown. `hidden` stands for one character that nobody would see, or
 * that would move, hide or reorder others; `lookAlike` for one that passes for another letter.
 */
export interface TextPart {
  readonly kind: 'plain' | 'hidden' | 'lookAlike';
  /** To be shown: the text itself, or `‹U+202E›`, `‹U+0430 а›`. */
  readonly shown: string;
}

/** Nearly all text: nothing in it can deceive, so it is not looked at letter by letter. */
const HARMLESS = /^[\t\n\x20-\x7e]*$/;

/**
 * Control, format and private characters, lone surrogates, line separators, every blank that is not
 * the plain one, letters without a shape, and a pile of marks. What joins two pictures of people stays.
 */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u{a0}\u{115f}\u{1160}\u{1680}\u{2000}-\u{200a}\u{202f}\u{205f}\u{2800}\u{3000}\u{3164}\u{ffa0}]|\u{17b4}|\u{17b5}/u;
const JOINED = /(?<=\p{Extended_Pictographic}\ufe0f?)\u200d(?=\p{Extended_Pictographic})/u;
const PILE = /(?<=\p{M}{4})\p{M}/u;
const UNSEEN = `${HIDDEN.source}|${PILE.source}`;
const WORD = `(?:(?!${UNSEEN})[\\p{L}\\p{M}\\p{N}_])+`;
const PIECE = new RegExp(`${JOINED.source}|(${UNSEEN})|(${WORD})|[\\s\\S]`, 'gu');

const LATIN = /\p{Script=Latin}/u;
const ASCII_LETTER = /[A-Za-z]/;
const CYRILLIC = /\p{Script=Cyrillic}/u;
const LETTER = /\p{L}/u;
/** Of other alphabets: what most typefaces draw like a Latin letter. */
const TWINS =
  /[асеорхуіјѕһԁԛԝүАВСЕНІЈКМОРЅТХҮԌԚԜαγικνορτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳօսոհզցԼՕՍᎪᎳᏟᎬᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᏃ]/u;
/** Raised figures and the like, which nobody takes for the figure itself. */
const RAISED = /[ªº²³¹\u2070-\u209c\u02b0-\u02ff]/u;

/** Text cut into what may be shown as it is and what must be marked. Newlines and tabs stay. */
export function visibleParts(text: string): TextPart[] {
  if (HARMLESS.test(text)) return [{ kind: 'plain', shown: text }];
  const parts: { kind: TextPart['kind']; shown: string }[] = [];
  const add = (kind: TextPart['kind'], shown: string): void => {
    const last = parts.at(-1);
    if (last !== undefined && kind === 'plain' && last.kind === 'plain') last.shown += shown;
    else parts.push({ kind, shown });
  };
  const foreign = alphabetsIn(text);
  for (const [piece, hidden, word] of text.replaceAll('\r\n', '\n').matchAll(PIECE)) {
    if (hidden !== undefined && hidden !== '\n' && hidden !== '\t') add('hidden', marked(hidden));
    else if (HARMLESS.test(piece)) add('plain', piece);
    else {
      const isOwnWord = word !== undefined && !isDisguised(word, foreign);
      for (const character of piece)
        if (isAsciiTwin(character) || (!isOwnWord && word !== undefined && isTwin(character)))
          add('lookAlike', `‹${point(character)} ${character}›`);
        else add('plain', character);
    }
  }
  return parts;
}

/** Text in which nothing hides, for a terminal, a menu, a notification. */
export function visibleText(text: string): string {
  if (HARMLESS.test(text)) return text;
  return visibleParts(text)
    .map(({ shown }) => shown)
    .join('');
}

/** The same on one line. */
export function visibleLine(text: string): string {
  return visibleText(text.replace(/[ \t\r\n]+/g, ' ').trim());
}

/** What of a text is not what it looks like, each once; see {@link TextPart}. */
export function deceptionsIn(text: string): string[] {
  const marks = visibleParts(text).filter(({ kind }) => kind !== 'plain');
  return [...new Set(marks.map(({ shown }) => shown))];
}

/** `а` among Latin letters, or a whole word of such letters where nothing else is of its alphabet. */
function isDisguised(word: string, foreign: boolean): boolean {
  const hasLatin = ASCII_LETTER.test(word);
  const letters = [...word].filter((character) => LETTER.test(character));
  const others = letters.filter((letter) => !LATIN.test(letter));
  if (others.length === 0) return false;
  if (hasLatin) return others.some(isTwin);
  return !foreign && others.length === letters.length && letters.every((one) => TWINS.test(one));
}

/** Whether the text is in another alphabet for all to see. */
function alphabetsIn(text: string): boolean {
  return [...text].some(
    (character) => LETTER.test(character) && !LATIN.test(character) && !TWINS.test(character),
  );
}

function isTwin(character: string): boolean {
  return TWINS.test(character) || CYRILLIC.test(character);
}

/** Full-width, mathematical and other dress of a plain ASCII character, `；` and `𝗌𝗎𝖽𝗈`. */
function isAsciiTwin(character: string): boolean {
  if (character <= '\u{7f}' || RAISED.test(character)) return false;
  const plain = character.normalize('NFKC');
  return plain.length === 1 && plain > ' ' && plain < '\u{7f}';
}

function marked(character: string): string {
  return `‹${point(character)}›`;
}

function point(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
