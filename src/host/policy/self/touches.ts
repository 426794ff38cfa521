import { programOf } from '../facts/command-facts.ts';
import type { CallFacts } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { expandHome, resolvePath } from '../paths/resolve.ts';
import type { CommandLine, ShellWord, SimpleCommand } from '../shell/command-line.ts';
import { list } from '../shell/tool.ts';
import type { OwnPaths } from './own-paths.ts';
import type { OwnPlaces } from './own-places.ts';
import { meantInCode, meantInScript, mentioned, namesCommand, namesVariable } from './own-words.ts';
import { scriptsOf } from './scripts.ts';

/** Programs that only look at their operands, or say them. */
const INERT = list(`
  cd ls cat head tail wc stat file test [ true false pwd echo printf grep egrep rg git
  diff mkdir touch basename dirname which type command realpath sort uniq cut tr less more
`);
/** Of these, what looks at a folder alone and not at all that is in it. */
const SHALLOW = list(`
  cd ls stat test [ echo printf pwd mkdir touch basename dirname which type command
  realpath true false file git sort uniq cut tr
`);
/** Of git, what runs nothing that its words name. */
const INERT_GIT = list(`
  add commit log status diff show grep clone push pull fetch checkout switch branch tag rm mv
  blame rev-parse ls-files remote merge reset restore stash
`);
const RUNS = /^(?:-c|--config|--exec|--pre|--compress-program|--upload-pack|--receive-pack|-u.)/u;
const LOOPBACK = /^(?:localhost|.*\.localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0|::|0)$/u;

/** What of a call touches Porchlight itself, in words of the call; empty: nothing that can be told. */
export function touches(
  facts: CallFacts,
  own: OwnPlaces,
  paths: OwnPaths,
  world: PathWorld,
): string[] {
  const found = new Set<string>();
  for (const { written, forms, act } of facts.paths) {
    if (forms.some((form) => paths.holds(form))) found.add(written);
    else if (facts.commands.length === 0 && forms.some((form) => paths.isAbove(form)))
      if (act !== 'read' || facts.kind === 'search') found.add(written);
  }
  for (const { host, port } of facts.hosts) {
    const isOwn = own.hosts().includes(host);
    const isHere = LOOPBACK.test(host) && (port === null || own.ports().includes(port));
    if (isOwn || isHere) found.add(port === null ? host : `${host}:${port}`);
  }
  const isPlain = facts.commands.length === 0;
  for (const text of facts.mentions)
    if (namesVariable(text) || paths.isNamedIn(text) || (isPlain && meantInCode(text)))
      found.add(text);
  for (const line of facts.commands)
    for (const one of inLine(line, facts, paths, world)) found.add(one);
  return [...found];
}

function inLine(line: CommandLine, facts: CallFacts, paths: OwnPaths, world: PathWorld): string[] {
  if (line.opaque.length > 0 && mentioned(line.text)) return [line.text];
  const found = line.commands.flatMap((command) => inCommand(command, facts, paths, world));
  const unknown = line.commands.some(({ words }) => words.some(isComposed));
  return unknown && hasPieces(line.text, facts, paths, world) ? [...found, line.text] : found;
}

function inCommand(
  command: SimpleCommand,
  facts: CallFacts,
  paths: OwnPaths,
  world: PathWorld,
): string[] {
  const found: string[] = [];
  const program = programOf(command.words[0]);
  for (const { words } of command.forms)
    for (const [at, word] of words.entries()) {
      const text = word.text ?? word.begins;
      const isRun = at === 0 || !isInert(words);
      if (isRun && (namesCommand(text) || meantInCode(text))) found.push(word.source);
      else if (at > 0 && isOwnPlace(word, program, command, facts, paths, world))
        found.push(word.source);
    }
  for (const { path, form, text } of scriptsOf(command, facts, world))
    if (meantInScript(text) || paths.holds(form)) found.push(path);
  return found;
}

function isInert(words: readonly ShellWord[]): boolean {
  const program = programOf(words[0]);
  if (!INERT.has(program) || words.some(({ begins }) => RUNS.test(begins))) return false;
  return program !== 'git' || words.slice(1).some(({ text }) => INERT_GIT.has(text ?? ''));
}

/** A glob that may become one of its places, or an operand that contains one and is gone through. */
function isOwnPlace(
  word: ShellWord,
  program: string,
  { changes }: SimpleCommand,
  facts: CallFacts,
  paths: OwnPaths,
  world: PathWorld,
): boolean {
  const text = expandHome(word.source.replace(/^(?:"|')?\$\{?HOME\}?/u, '~'), world);
  const folders = facts.folders;
  if (word.text === null && word.belowHome === undefined) {
    if (isComposed(word)) return false;
    const literal = text.slice(0, text.search(/[*?[{]/u));
    return folders.some((folder) => globMayBe(literal, text, folder, paths, world));
  }
  const goesDeep = !SHALLOW.has(program) || changes.includes(word);
  if (!goesDeep) return false;
  const plain = word.text ?? text;
  if (!/^(?:[/~.]|[a-z]:)/iu.test(plain)) return false;
  return folders.some((folder) =>
    (resolvePath(plain, folder, world) ?? []).some((form) => paths.isAbove(form)),
  );
}

function globMayBe(
  literal: string,
  glob: string,
  folder: string,
  paths: OwnPaths,
  world: PathWorld,
): boolean {
  const at = literal.lastIndexOf('/');
  const above = literal.slice(0, at + 1);
  const name = literal.slice(at + 1);
  // No shell takes `*` for a name that begins with a dot, unless it was told to.
  const hidden = name === '' && !/[[{]/u.test(glob.charAt(literal.length));
  return (resolvePath(above === '' ? '.' : above, folder, world) ?? []).some((form) => {
    const base = form.endsWith('/') ? form : `${form}/`;
    if (!paths.mayBegin(`${base}${name}`)) return false;
    return !hidden || paths.holds(form) || !paths.mayBegin(`${base}.`);
  });
}

/** Its text is put together when it runs. */
function isComposed({ text, source }: ShellWord): boolean {
  return text === null && /[$`]/u.test(source);
}

/** Whether the pieces of a line could be put together to one of its places. */
function hasPieces(text: string, facts: CallFacts, paths: OwnPaths, world: PathWorld): boolean {
  const pieces = text.replace(/\$\{?HOME\}?/gu, '~').split(/[\s;|&()'"`=<>{}$:,]+/u);
  return pieces.some((piece) => {
    if (piece === '~' || /^~[/\\]|^[/\\]|^\.{1,2}[/\\]|^\.[a-z]/iu.test(piece))
      return facts.folders.some((folder) => {
        const literal = piece.replace(/[*?[].*$/su, '');
        const forms = resolvePath(literal === '' ? '.' : literal, folder, world) ?? [];
        return forms.some((form) => form !== folder && paths.mayBegin(form));
      });
    return false;
  });
}
