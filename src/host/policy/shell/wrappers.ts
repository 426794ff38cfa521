import { isHarmlessName } from './environment.ts';
import { FROM_XARGS, knownWord, unknownWord, type ShellWord } from './command-line.ts';

/** What a command that runs another one runs. */
export type Unwrapped =
  /** Words of a command, from `at` on unless they are rewritten. */
  | { kind: 'words'; words: readonly ShellWord[]; at: number; privilege: boolean }
  /** A text that a shell reads again. */
  | { kind: 'script'; text: string; at: number }
  /** It runs something, and what is not certain. */
  | { kind: 'unsure'; why: string }
  /** It runs nothing else. */
  | { kind: 'none' };

const NONE: Unwrapped = { kind: 'none' };
const unsure = (why: string): Unwrapped => ({ kind: 'unsure', why });

interface WrapperOptions {
  /** Options without a value, whole. */
  readonly flags: RegExp;
  /** Options whose value is the next word. */
  readonly values?: RegExp;
  /** Words before the command, such as the time of `timeout`. */
  readonly operands?: RegExp;
}

const PLAIN_WRAPPERS: Readonly<Record<string, WrapperOptions>> = {
  command: { flags: /^-p$/ },
  builtin: { flags: /^$/ },
  exec: { flags: /^$/ },
  nohup: { flags: /^$/ },
  time: { flags: /^-p$/ },
  nice: { flags: /^(?:-\d+|-n-?\d+|--adjustment=-?\d+)$/, values: /^-n$/ },
  ionice: { flags: /^(?:-c\d|-n\d|-t)$/, values: /^-[cn]$/ },
  stdbuf: { flags: /^-[ioe](?:L|\d+)$/, values: /^-[ioe]$/ },
  timeout: {
    flags:
      /^(?:-v|--verbose|--foreground|--preserve-status|--signal=\w+|-s\w+|--kill-after=[\d.]+[smhd]?|-k[\d.]+[smhd]?)$/,
    values: /^-[sk]$/,
    operands: /^[\d.]+[smhd]?$/,
  },
  sudo: { flags: /^(?:-n|-E|-H|--non-interactive)$/ },
  doas: { flags: /^-n$/ },
};

const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'ash', 'ksh', 'rbash']);

/** Looks through a command that runs another one, where that is certain. */
export function unwrap(name: string, words: readonly ShellWord[]): Unwrapped {
  if (SHELLS.has(name)) return unwrapShell(words);
  if (name === 'env') return unwrapEnv(words);
  if (name === 'xargs') return unwrapXargs(words);
  const options = Object.hasOwn(PLAIN_WRAPPERS, name) ? PLAIN_WRAPPERS[name] : undefined;
  if (options === undefined) return NONE;
  if (name === 'command' && /^-[vV]$/.test(words[1]?.text ?? '')) return NONE;
  return unwrapPlain(name, words, options);
}

function unwrapPlain(
  name: string,
  words: readonly ShellWord[],
  { flags, values, operands }: WrapperOptions,
): Unwrapped {
  let at = 1;
  let wanted = operands === undefined ? 0 : 1;
  for (; at < words.length; at += 1) {
    const text = words[at]?.text ?? null;
    if (text === null) return unsure(`${name} runs what is not known`);
    if (text === '--' && wanted === 0) {
      at += 1;
      break;
    }
    if (values?.test(text) === true) {
      at += 1;
      if (!/^[\w.+-]+$/.test(words[at]?.text ?? '')) return unsure(`${name} has an odd option`);
    } else if (text.startsWith('-')) {
      if (!flags.test(text)) return unsure(`${name} has the option ${text}`);
    } else if (wanted > 0 && operands !== undefined) {
      if (!operands.test(text)) return unsure(`${name} is not read`);
      wanted -= 1;
    } else break;
  }
  if (at >= words.length)
    return name === 'exec' || wanted > 0 ? unsure(`${name} runs nothing`) : NONE;
  return {
    kind: 'words',
    words: words.slice(at),
    at,
    privilege: name === 'sudo' || name === 'doas',
  };
}

function unwrapEnv(words: readonly ShellWord[]): Unwrapped {
  let at = 1;
  for (; at < words.length; at += 1) {
    const word = words[at];
    const text = word?.text ?? null;
    if (text === null) return unsure('env runs what is not known');
    const set = /^([A-Za-z_]\w*)=(.*)$/s.exec(text);
    if (set !== null) {
      if (!isHarmlessName(set[1] ?? '', knownWord(set[2] ?? ''), true)) {
        return unsure(`${set[1]} may change what runs`);
      }
    } else if (text.startsWith('-')) return unsure(`env has the option ${text}`);
    else return { kind: 'words', words: words.slice(at), at, privilege: false };
  }
  return NONE;
}

function unwrapXargs(words: readonly ShellWord[]): Unwrapped {
  let at = 1;
  let replaced: string | null = null;
  for (; at < words.length; at += 1) {
    const text = words[at]?.text ?? null;
    if (text === null) return unsure('xargs runs what is not known');
    if (/^-[nPL]$/.test(text)) {
      at += 1;
      if (!/^\d+$/.test(words[at]?.text ?? '')) return unsure('xargs has an odd option');
    } else if (text === '-I') {
      at += 1;
      replaced = words[at]?.text ?? '';
      if (!/^[{}%@]{1,2}$/.test(replaced)) return unsure('xargs has an odd option');
    } else if (/^-I[{}%@]{1,2}$/.test(text)) replaced = text.slice(2);
    else if (text === '-d') {
      at += 1;
      if (words[at]?.text == null) return unsure('xargs has an odd option');
    } else if (!text.startsWith('-')) break;
    else if (!/^-(?:[0rt]+|[nPL]\d+|d.{1,2}|-null|-no-run-if-empty|-verbose)$/.test(text)) {
      return unsure(`xargs has the option ${text}`);
    }
  }
  const inner = words.slice(at);
  // Without a command it prints what it reads, as echo does.
  if (inner.length === 0) inner.push(knownWord('echo'));
  if (replaced === null) return filled([...inner, unknownWord(FROM_XARGS, '', true)], at);
  const mark = replaced;
  return filled(
    inner.map((word) => {
      if (word.text === null || !word.text.includes(mark)) return word;
      return unknownWord(word.source, word.text.slice(0, word.text.indexOf(mark)));
    }),
    at,
  );
}

function filled(words: readonly ShellWord[], at: number): Unwrapped {
  return { kind: 'words', words, at, privilege: false };
}

function unwrapShell(words: readonly ShellWord[]): Unwrapped {
  for (let at = 1; at < words.length; at += 1) {
    const text = words[at]?.text ?? null;
    if (text === null) return unsure('a shell is given what is not known');
    if (/^-[leux]*c$/.test(text)) {
      const script = words[at + 1]?.text ?? null;
      if (script === null || script.startsWith('-'))
        return unsure('a shell is given what is not known');
      return { kind: 'script', text: script, at: at + 1 };
    }
    if (!/^-[leux]+$|^--(?:login|noprofile|norc)$/.test(text)) return NONE;
  }
  return NONE;
}
