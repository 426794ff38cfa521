import { basename, isSystemName } from './command-name.ts';
import {
  knownWord,
  MAX_LINE_DEPTH,
  type CommandForm,
  type Redirection,
  type ShellWord,
} from './command-line.ts';
import { judgeArguments } from './judge-arguments.ts';
import type { ScriptPlace } from './reading.ts';
import type { Judged } from './tool.ts';
import { unwrap, type Unwrapped } from './wrappers.ts';

/** Builtins that change the shell itself, so that nothing after them means what it says. */
const CHANGES_SHELL = new Set([
  ...['eval', 'source', '.', 'alias', 'unalias', 'trap', 'shopt', 'enable', 'hash', 'declare'],
  ...['typeset', 'local', 'readonly', 'let', 'read', 'mapfile', 'readarray', 'getopts', 'unset'],
  ...['bind', 'complete', 'compgen', 'compopt', 'fc', 'history', 'pushd', 'popd', 'dirs', 'coproc'],
  ...['setopt', 'unsetopt', 'emulate', 'autoload', 'zmodload', 'vared', 'print', 'functions'],
  ...['noglob', 'nocorrect', 'zcompile', 'zle', 'zstyle', 'bindkey', 'sched', 'integer', 'float'],
  ...[
    'export',
    'set',
    'umask',
    'ulimit',
    'logout',
    'suspend',
    'caller',
    'select',
    'repeat',
    'function',
  ],
  ...['private', 'disown', 'rehash', 'ztcp', 'zpty', 'compctl', 'disable', 'limit', 'unlimit', '-'],
  ...['foreach', 'until', 'always', 'chdir', 'wait', 'zparseopts', 'zformat', 'fg', 'bg', 'getln'],
]);
const HARMLESS_SET = /^(?:[-+][euxEfCv]+|[-+][eux]*o|pipefail|errexit|nounset|xtrace)$/;
const MAX_LAYERS = 8;
const MAX_GUESSED_WORDS = 32;

/** Adds a command to the reading, looking through what only runs another one. */
export function simpleCommand(
  words: readonly ShellWord[],
  redirections: readonly Redirection[],
  place: ScriptPlace,
): void {
  const { reading } = place;
  const layers: { words: readonly ShellWord[]; from: number; privilege: boolean }[] = [];
  let inner = words;
  let from = 0;
  for (let layer = 0; ; layer += 1) {
    const name = commandName(inner, place);
    if (name === null) break;
    const found = lookThrough(name, inner, layer);
    if (found.kind === 'none') break;
    if (found.kind === 'unsure') {
      reading.cannotRead(found.why);
      guess(inner, place);
      break;
    }
    if (found.kind === 'script') {
      place.readAgain(found.text, place);
      if (inner.slice(found.at + 1).some(({ text }) => text === null)) {
        reading.cannotRead('a shell is given what is not known');
      }
      // Its commands stand for it; that there is a shell matters to who denies shells.
      addGuess(inner, place);
      if (layers.length === 0) return;
      inner = [knownWord('true', inner[0]?.source)];
      break;
    }
    layers.push({ words: inner, from, privilege: found.privilege });
    inner = found.words;
    from += found.at;
  }
  const judged = judgeArguments(inner);
  const privileged = layers.findLast((layer) => layer.privilege);
  const wrapped = layers.map((layer): CommandForm => {
    const by = from - layer.from;
    return {
      words: layer.words,
      objections: [
        { at: by, why: `${layer.words[0]?.source ?? 'it'} runs another command` },
        ...judged.objections.map(({ at, why }) => ({ at: at + by, why })),
      ],
      lacksPrivilege: privileged !== undefined && layer.from > privileged.from,
    };
  });
  const bare = [{ words: inner, objections: judged.objections }, ...judged.otherForms];
  reading.add({
    words: inner,
    forms: [
      ...wrapped,
      ...bare.map((form) => ({ ...form, lacksPrivilege: privileged !== undefined })),
    ],
    redirections,
    changes: judged.changes,
    background: place.background,
    privilege: privileged?.words[0]?.text ?? null,
    guessed: place.guessed,
    placeFree: judged.placeFree,
    isKnown: judged.isKnown,
    proposes: proposal(judged, inner.length),
    enters: judged.enters,
  });
  if (judged.runsArguments) guess(inner, place);
  if (judged.runs.length > 0 && place.depth >= MAX_LINE_DEPTH) {
    reading.cannotRead('it is nested too deeply');
    return;
  }
  for (const one of judged.runs) simpleCommand(one, [], { ...place, depth: place.depth + 1 });
}

function proposal({ proposes, proposed, objections }: Judged, length: number): number {
  if (proposes === 'never') return 0;
  if (proposes === 'exactly') return length;
  return objections.some(({ at }) => at >= proposed) ? length : proposed;
}

function lookThrough(name: string, words: readonly ShellWord[], layer: number): Unwrapped {
  const found = unwrap(name, words);
  if (found.kind === 'none') return found;
  if (layer >= MAX_LAYERS) return { kind: 'unsure', why: 'it is wrapped too deeply' };
  const path = words[0]?.text ?? '';
  if (isSystemName(path)) return found;
  return { kind: 'unsure', why: `${path} may be another program than ${name}` };
}

/** The name that would run; null, and said, where it is not known or changes the shell itself. */
function commandName(words: readonly ShellWord[], place: ScriptPlace): string | null {
  const { reading } = place;
  const first = words[0];
  if (first === undefined || first.text === null || first.text === '') {
    reading.cannotRead(`${first?.source ?? 'a command'} is a command that is not known`);
    guess(words, place);
    return null;
  }
  const name = basename(first.text);
  if (CHANGES_SHELL.has(first.text) && !isHarmlessSet(name, words)) {
    reading.cannotRead(`${name} changes the shell itself`);
    guess(words, place);
    return null;
  }
  return name;
}

function isHarmlessSet(name: string, words: readonly ShellWord[]): boolean {
  if (name === 'set') return words.slice(1).every(({ text }) => HARMLESS_SET.test(text ?? ''));
  return name === 'wait' && words.length === 1;
}

/** What may run after all, for those rules that deny or ask: words further on, texts read again. */
function guess(words: readonly ShellWord[], place: ScriptPlace): void {
  if (place.guessed) return;
  const guessing = { ...place, guessed: true };
  for (const [at, { text }] of words.slice(0, MAX_GUESSED_WORDS).entries()) {
    if (at === 0 || text === null) continue;
    if (/[\s;|&]/.test(text)) place.readAgain(text, guessing);
    else if (!text.startsWith('-')) addGuess(words.slice(at), guessing);
  }
}

function addGuess(words: readonly ShellWord[], place: ScriptPlace): void {
  place.reading.add({
    words,
    forms: [{ words, objections: [], lacksPrivilege: false }],
    redirections: [],
    changes: [],
    background: place.background,
    privilege: null,
    guessed: true,
    placeFree: true,
    isKnown: false,
    proposes: 0,
    enters: null,
  });
}
