import { resolvePath } from '../paths/resolve.ts';
import type { CommandLine, ShellWord, SimpleCommand } from '../shell/command-line.ts';
import type { PathAct } from './call-facts.ts';
import type { FactsDraft } from './facts-draft.ts';
import { hostOfRemotePath, hostOfWord, hostsIn } from './hosts.ts';

const DELETES = new Set(['rm', 'rmdir', 'unlink', 'shred', 'trash', 'del', 'rd']);
const MOVES = new Set(['mv', 'rename', 'move']);
/** Programs whose operands are hosts, and the port they go to. */
const GOES_TO: ReadonlyMap<string, number> = new Map([
  ...['curl', 'wget', 'http', 'xh'].map((name): [string, number] => [name, 80]),
  ...['ssh', 'sftp', 'mosh'].map((name): [string, number] => [name, 22]),
  ['telnet', 23],
]);
/** Of curl, wget and ssh: the next word is no host. */
const TAKES_VALUE =
  /^-[a-zA-Z]*[oHdXuFATbcmweEilp]$|^--(?:output|header|data|request|user|form|user-agent|cookie|max-time|write-out|cert|key|cacert)/u;
const SENDS_TO = new Set(['git', 'scp', 'rsync', 'sftp', 'ssh']);

/** What the commands of a line read, change and reach, as far as their words say. */
export function commandFacts(line: CommandLine, draft: FactsDraft): void {
  draft.doesNotTell('paths', 'hosts');
  for (const { enters } of line.commands) if (enters !== null) enter(enters, draft);
  for (const word of line.reads) addWord(word, 'read', draft);
  for (const word of line.writes) addWord(word, 'write', draft);
  for (const command of line.commands) addCommand(command, draft);
}

function addCommand(command: SimpleCommand, draft: FactsDraft): void {
  const [name, ...rest] = command.words;
  const program = programOf(name);
  const act = DELETES.has(program) ? 'delete' : MOVES.has(program) ? 'move' : 'write';
  for (const word of command.changes) addWord(word, act, draft);
  for (const [at, word] of rest.entries()) {
    const text = operandOf(word);
    if (text === null) continue;
    draft.addHosts(hostsIn(text));
    const port = GOES_TO.get(program);
    const before = rest[at - 1]?.begins ?? '';
    if (port !== undefined && !word.begins.startsWith('-') && !TAKES_VALUE.test(before))
      draft.addHosts([hostOfWord(text, port)].filter((host) => host !== null));
    if (SENDS_TO.has(program))
      draft.addHosts([hostOfRemotePath(text)].filter((host) => host !== null));
    if (word.belowHome !== undefined || looksLikePath(text)) addWord(word, 'read', draft);
  }
}

/** The value of an option counts as what it is given. */
function operandOf({ text, begins }: ShellWord): string | null {
  const known = text ?? begins;
  if (known === '') return null;
  return known.startsWith('-')
    ? (/^-[^=]*=(?<value>.+)$/su.exec(known)?.groups?.value ?? null)
    : known;
}

function looksLikePath(text: string): boolean {
  if (text.length > 4_096 || /\s/u.test(text) || /^[a-z][\w+.-]*:\/\//iu.test(text)) return false;
  return /[/\\]|^[.~]|\.\w{1,8}$/u.test(text);
}

function addWord(word: ShellWord, act: PathAct, draft: FactsDraft): void {
  const path = pathOf(word, draft);
  if (path !== null) draft.addPath(path, act);
}

function enter(word: ShellWord, draft: FactsDraft): void {
  const path = pathOf(word, draft);
  if (path === null) return;
  for (const from of [...draft.folders])
    for (const form of resolvePath(path, from, draft.world) ?? []) draft.enter(form);
}

/** Of a word that is not known whole, the folder that it surely begins with. */
function pathOf(word: ShellWord, draft: FactsDraft): string | null {
  if (word.belowHome !== undefined) return `${draft.world.home}/${word.belowHome}`;
  if (word.text !== null) return operandOf(word);
  const known = operandOf(word);
  return known === null ? null : known.slice(0, known.lastIndexOf('/') + 1) || null;
}

/** The name of a command's program, without its folder. */
export function programOf(word: ShellWord | undefined): string {
  const text = word?.text ?? '';
  return text
    .slice(text.lastIndexOf('/') + 1)
    .replace(/\.(?:exe|cmd|bat|com)$/iu, '')
    .toLowerCase();
}
