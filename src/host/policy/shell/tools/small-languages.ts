import { knownWord, type ShellWord } from '../command-line.ts';
import { list, type Judge } from '../tool.ts';

const NOTHING = knownWord('');

/** `cd`: where it goes is checked by whoever knows the folder of the session. */
export function judgeCd(words: readonly ShellWord[], from: number, to: Judge): void {
  const target = words[from];
  to.enters = target ?? words[0] ?? null;
  const plain = target?.text != null && !/^[-+]|^$/.test(target.text);
  if (!plain || words.length > from + 1) to.object(from, 'cd goes where the line does not tell');
}

const TEST_UNARY = /^-[bcdefhLprsSuwxnzkgGNO]$/;
const TEST_BETWEEN = /^(?:=|==|!=|-nt|-ot|-ef)$/;
const TEST_NUMBERS = /^-(?:eq|ne|lt|le|gt|ge)$/;

/** `test` and `[`: `-v`, `-R`, and numbers that are no numbers compute in some shells. */
export function judgeTest(words: readonly ShellWord[], from: number, to: Judge): void {
  for (let at = from; at < words.length; at += 1) {
    const { text, source, many } = words[at] ?? NOTHING;
    const [before, after] = [words[at - 1]?.text ?? '', words[at + 1]?.text ?? ''];
    if (text === null) {
      // It stands where an operand must: after an operator, or before one that compares texts.
      const operand =
        TEST_UNARY.test(before) || TEST_BETWEEN.test(before) || TEST_BETWEEN.test(after);
      const count = TEST_NUMBERS.test(after) && /^"?\$[?#]"?$/.test(source);
      if (!count && (many || !operand)) to.object(at, `${source} may become an operator`);
    } else if (TEST_NUMBERS.test(text)) {
      const sides = [words[at - 1], words[at + 1]];
      if (
        !sides.every(
          (side) => /^-?\d+$/.test(side?.text ?? '') || /^"?\$[?#]"?$/.test(side?.source ?? ''),
        )
      ) {
        to.object(at, `${text} may compute`);
      }
    } else if (
      /^-[^0-9]/.test(text) &&
      !TEST_UNARY.test(text) &&
      !TEST_BETWEEN.test(text) &&
      !/^-[ao]$/.test(text)
    ) {
      to.object(at, `${text} is not known to do no harm`);
    }
  }
}

/** `printf`: `-v` assigns, and zsh computes what a number is asked of. */
export function judgePrintf(words: readonly ShellWord[], from: number, to: Judge): void {
  const at = words[from]?.text === '--' ? from + 1 : from;
  const format = words[at]?.text ?? null;
  if (format === null || (format.startsWith('-') && at === from)) {
    to.object(from, 'printf has a format that is not known');
    return;
  }
  const plain = format.replaceAll('%%', '').replaceAll(/%-?\d*(?:\.\d+)?[sbqc]/g, '');
  if (!plain.includes('%')) return;
  for (const [nth, { text, source }] of words.slice(at + 1).entries()) {
    if (!/^-?\d+(?:\.\d+)?$/.test(text ?? '')) to.object(at + 1 + nth, `${source} may be computed`);
  }
}

// Addresses, and the commands that only print, delete from the output, substitute or stop.
const SED_ADDRESS = String.raw`(?:\d+|\$|/(?:[^/\\\n]|\\.)*/I?)(?:,(?:\+?\d+|\$|/(?:[^/\\\n]|\\.)*/I?))?!?`;
const sedSubstitution = (by: string): string =>
  String.raw`s${by}(?:[^${by}\\\n]|\\.)*${by}(?:[^${by}\\\n]|\\.)*${by}[gpiI0-9]*`;
const SED_COMMAND = `(?:(?:${SED_ADDRESS})?\\s*(?:[pdqQ=hHgGxnNDP]|${['/', '\\|', '#', ',', '@'].map(sedSubstitution).join('|')}))`;
const SED_SCRIPT = new RegExp(`^\\s*${SED_COMMAND}(?:\\s*;\\s*${SED_COMMAND})*\\s*;?\\s*$`);

/** `sed`: only what prints. `e`, `w`, `r`, `-i`, `-f` and all that is not recognised is objected to. */
export function judgeSed(words: readonly ShellWord[], from: number, to: Judge): void {
  let hasScript = false;
  for (let at = from; at < words.length; at += 1) {
    const { text, begins, source } = words[at] ?? NOTHING;
    const script = (index: number): void => {
      hasScript = true;
      const code = words[index]?.text ?? null;
      if (code === null || !SED_SCRIPT.test(code)) to.object(index, 'sed runs more than it prints');
    };
    if (text === '-e' || text === '--expression') {
      at += 1;
      script(at);
    } else if (text !== null && text.length > 1 && text.startsWith('-')) {
      if (!/^-[nErzsu]+$|^--(?:quiet|silent|regexp-extended|null-data|posix)$/.test(text)) {
        to.object(at, `${text} is not known to do no harm`);
      }
    } else if (!hasScript) script(at);
    // Of GNU: an option may stand after the files.
    else if (text === null && !/^[^-]/.test(begins))
      to.object(at, `${source} may become an option`);
  }
}

const AWK_OPTIONS = list('-F -v');

/** `awk`: without pipes, files to write, `system`, and what loads more code. */
export function judgeAwk(words: readonly ShellWord[], from: number, to: Judge): void {
  let hasScript = false;
  for (let at = from; at < words.length; at += 1) {
    const { text, begins, source } = words[at] ?? NOTHING;
    if (!hasScript && text !== null && AWK_OPTIONS.has(text)) {
      at += 1;
      if (words[at]?.text == null) to.object(at, 'awk is given what is not known');
    } else if (!hasScript && text !== null && /^-F./.test(text)) continue;
    else if (!hasScript) {
      hasScript = true;
      // Strings and regular expressions too: what is in one of them for whom is not worth guessing.
      const unsafe =
        text === null ||
        /^-|[|>@`]|system|getline|close|fflush|include|load|ARGV|ENVIRON/.test(text);
      if (unsafe) to.object(at, 'awk may run or write something');
    } else if (text === null ? !/^[^-]/.test(begins) : text.startsWith('-')) {
      to.object(at, `${source} may become an option`);
    }
  }
}
