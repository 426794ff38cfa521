import { crc32 } from 'node:zlib';

/** First line of a journal. */
export const JOURNAL_HEAD = 'porchlight notes 1\n';
const NEWLINE = 0x0a;
const TAKEN_AWAY = '-';

/** One line: checksum, key, text; so that a torn or damaged one is found, and passed over alone. */
export function journalLine(key: string, text: string | null): string {
  const rest = `${key} ${text ?? TAKEN_AWAY}`;
  return `${crc32(rest).toString(16).padStart(8, '0')} ${rest}\n`;
}

/**
 * What a journal's lines leave, the last of a key being the one that holds. `head` is the first line
 * where it is not the one of this version.
 */
export function readJournal(bytes: Buffer): {
  readonly kept: Map<string, string>;
  readonly damaged: number;
  readonly head: string | null;
} {
  const kept = new Map<string, string>();
  let damaged = 0;
  let head: string | null = null;
  let isFirst = true;
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found === -1 ? bytes.length : found;
    const line = bytes.toString('utf8', start, end);
    start = end + 1;
    if (isFirst) {
      isFirst = false;
      if (`${line}\n` !== JOURNAL_HEAD) head = line;
      continue;
    }
    const [, sum, key, text] = /^([\da-f]{8}) ([\w.-]{1,100}) (.+)$/u.exec(line) ?? [];
    const isWhole =
      sum !== undefined &&
      key !== undefined &&
      text !== undefined &&
      crc32(`${key} ${text}`) === Number.parseInt(sum, 16);
    if (!isWhole) damaged += 1;
    else if (text === TAKEN_AWAY) kept.delete(key);
    else kept.set(key, text);
  }
  return { kept, damaged, head };
}
