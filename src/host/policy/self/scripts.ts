import { posix } from 'node:path';
import { programOf } from '../facts/command-facts.ts';
import type { CallFacts } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { resolvePath } from '../paths/resolve.ts';
import type { SimpleCommand } from '../shell/command-line.ts';
import { list } from '../shell/tool.ts';

/** How much of a script is looked at, and how many of one call. */
const SCRIPT_BYTES = 64 * 1024;
const MAX_SCRIPTS = 4;

const RUNS_FILES = list(`
  sh bash zsh dash ksh fish source . node deno bun tsx ts-node python python3 ruby perl
  php pwsh powershell osascript env nohup
`);
const RUNS_SCRIPTS = new Set(['npm', 'pnpm', 'yarn', 'bun']);
const MAKES: ReadonlyMap<string, readonly string[]> = new Map([
  ['make', ['Makefile', 'makefile', 'GNUmakefile']],
  ['gmake', ['Makefile', 'GNUmakefile']],
  ['just', ['justfile', 'Justfile', '.justfile']],
  ['task', ['Taskfile.yml', 'Taskfile.yaml']],
]);

/** A script as the command names it, where it lies, and its beginning. */
export interface Script {
  readonly path: string;
  readonly form: string;
  readonly text: string;
}

/** The scripts that a command runs, as far as its words name them: the beginning of each. */
export function scriptsOf({ words }: SimpleCommand, facts: CallFacts, world: PathWorld): Script[] {
  const first = words[0]?.text ?? '';
  const program = programOf(words[0]);
  const names: string[] = [];
  if (/[/\\]/u.test(first)) names.push(first);
  if (RUNS_FILES.has(program))
    for (const { text } of words.slice(1))
      if (text !== null && !text.startsWith('-') && !/\s/u.test(text)) names.push(text);
  names.push(...(MAKES.get(program) ?? []));
  const found: Script[] = [];
  for (const name of names.slice(0, MAX_SCRIPTS))
    for (const folder of facts.folders.slice(0, 3))
      for (const path of resolvePath(name, folder, world) ?? []) {
        const text = world.readStart(path, SCRIPT_BYTES);
        if (text !== null) found.push({ path: name, form: path, text });
      }
  if (RUNS_SCRIPTS.has(program))
    found.push(
      ...packageScripts(
        words.map(({ text }) => text),
        facts,
        world,
      ),
    );
  return found;
}

/** What `npm run x` runs, with what npm runs before and after it. */
function packageScripts(
  words: readonly (string | null)[],
  facts: CallFacts,
  world: PathWorld,
): Script[] {
  const wanted = new Set(
    words.flatMap((word) => (word === null ? [] : [word, `pre${word}`, `post${word}`])),
  );
  return facts.folders.slice(0, 3).flatMap((folder) => {
    const text = world.readStart(posix.join(folder, 'package.json'), SCRIPT_BYTES);
    const scripts = text === null ? null : scriptsIn(text);
    if (scripts === null) return [];
    return Object.entries(scripts).flatMap(([name, script]) =>
      wanted.has(name) && typeof script === 'string'
        ? [{ path: name, form: folder, text: script }]
        : [],
    );
  });
}

function scriptsIn(text: string): object | null {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null || !('scripts' in read)) return null;
    return typeof read.scripts === 'object' ? read.scripts : null;
  } catch {
    return null;
  }
}
