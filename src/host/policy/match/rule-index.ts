import type { CallFacts } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { comparable, realOf } from '../paths/resolve.ts';
import type { CallPlace } from '../policy.ts';
import type { RuleIndex } from '../rule-sets.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { ShellWord } from '../shell/command-line.ts';
import type { PathPattern } from './path-pattern.ts';

/** A command of more words is compared with each rule for its program. */
const MAX_KEYED = 40;
/** Of a name's end; a rule with a longer one is compared with each path. */
const MAX_TAIL = 40;
/** Of more folders than these none is looked at for being a link: it would take too long. */
const MAX_LINKED = 64;

/**
 * Rules under what is rarest about them, so that a call meets few of them: the words of a command,
 * the server of a tool, a host, the folder that a path begins with, a session.
 */
export class IndexedRules implements RuleIndex {
  readonly #commands = new Map<string, CompiledRule[]>();
  readonly #servers = new Map<string, CompiledRule[]>();
  readonly #hosts = new Map<string, CompiledRule[]>();
  readonly #absolute = new Map<string, CompiledRule[]>();
  readonly #relative = new Map<string, CompiledRule[]>();
  /** Of globs without a folder: a part that the path has, else what its name ends with. */
  readonly #literals = new Map<string, CompiledRule[]>();
  readonly #tails = new Map<string, CompiledRule[]>();
  readonly #tailLengths = new Set<number>();
  /** Paths that go up first, or that nothing is known of: few, so that all of them count. */
  readonly #wandering: CompiledRule[] = [];
  readonly #sessions = new Map<string, CompiledRule[]>();
  readonly #folders = new Map<string, CompiledRule[]>();
  readonly #others = new Map<string, CompiledRule[]>();
  readonly #allows: boolean;
  readonly #world: PathWorld;

  /** `allows`: of rules that allow, which mean less than those that deny or ask. */
  constructor(rules: readonly CompiledRule[], allows: boolean, world: PathWorld) {
    this.#allows = allows;
    this.#world = world;
    for (const rule of rules) this.#add(rule);
  }

  /** Those that may have to do with the call, in no order; some may come twice. */
  *near(facts: CallFacts, place: CallPlace): Generator<CompiledRule> {
    for (const key of this.#commandKeys(facts)) yield* this.#commands.get(key) ?? [];
    for (const { server } of facts.mcp?.readings ?? []) yield* this.#servers.get(server) ?? [];
    if (facts.hosts.length > 0) yield* this.#nearHosts(facts);
    if (facts.paths.length > 0) yield* this.#nearPaths(facts);
    if (place.sessionId !== null) yield* this.#sessions.get(place.sessionId) ?? [];
    for (const folder of foldersAbove([place.cwd, place.base], this.#world))
      yield* this.#folders.get(folder) ?? [];
    yield* this.#others.get(facts.kind) ?? [];
    yield* this.#others.get('') ?? [];
  }

  #add(rule: CompiledRule): void {
    const { words, mcp, host, path } = rule;
    const { session, kind } = rule.sourced.rule;
    if (words !== null) {
      for (const key of this.#keysOf(words.words)) put(this.#commands, key, rule);
    } else if (mcp !== null) {
      put(this.#servers, mcp.server, rule);
      const plain = mcp.server.replace(/[^\w-]/g, '_');
      if (plain !== mcp.server) put(this.#servers, plain, rule);
    } else if (host !== null) put(this.#hosts, host.name, rule);
    else if (path !== null) this.#addPath(path, rule);
    else if (session !== undefined) put(this.#sessions, session, rule);
    else if (rule.folders !== null)
      for (const folder of new Set(rule.folders)) put(this.#folders, this.#key(folder), rule);
    else put(this.#others, kind ?? '', rule);
  }

  #keysOf([first = '', ...rest]: readonly string[]): string[] {
    const name = programName(first);
    if (this.#allows) return rest.length < MAX_KEYED ? [[name, ...rest].join(' ')] : [];
    const operand = rest.findLast((word) => !word.startsWith('-'));
    return operand === undefined ? [name] : [`${name} ${operand}`, `${name}\0`];
  }

  #commandKeys(facts: CallFacts): Set<string> {
    const keys = new Set<string>();
    for (const line of facts.commands)
      for (const { forms } of line.commands)
        for (const { words } of forms)
          if (this.#allows) addBeginnings(words, keys);
          else addWords(words, keys);
    return keys;
  }

  #addPath(path: PathPattern, rule: CompiledRule): void {
    const folder = comparable(path.base.join('/'), this.#world);
    if (path.base.includes('..')) this.#wandering.push(rule);
    else if (folder === '') {
      const literal = path.literal === null ? null : comparable(path.literal, this.#world);
      if (literal !== null) put(this.#literals, literal, rule);
      else if (path.tail !== '' && path.tail.length <= MAX_TAIL) {
        put(this.#tails, path.tail, rule);
        this.#tailLengths.add(path.tail.length);
      } else this.#wandering.push(rule);
    } else {
      put(path.isAbsolute ? this.#absolute : this.#relative, folder, rule);
      if (!path.isAbsolute) return;
      // Where its folder is a link, paths are below what it points to.
      const real = path.realBase().parts.join('/');
      if (real !== folder) put(this.#absolute, real, rule);
    }
  }

  #key(folder: string): string {
    return comparable(folder, this.#world).replace(/^\//u, '');
  }

  /** A folder of the session's may be a link to where an outside path is. */
  #addLinked(cwd: string, to: Set<string>): void {
    if (this.#relative.size > MAX_LINKED) return;
    for (const folder of this.#relative.keys()) {
      const path = `${cwd}/${folder}`;
      if (folder !== '' && realOf(path, this.#world) !== path) to.add(folder);
    }
  }

  *#nearHosts(facts: CallFacts): Generator<CompiledRule> {
    yield* this.#hosts.get('*') ?? [];
    for (const { host } of facts.hosts) {
      for (let name = host; name !== ''; name = afterDot(name)) yield* this.#hosts.get(name) ?? [];
    }
  }

  /** Every folder above a path, as the rules name folders, may be one that a rule begins with. */
  *#nearPaths(facts: CallFacts): Generator<CompiledRule> {
    const absolute = new Set<string>();
    const relative = new Set<string>();
    const cwd = comparable(facts.cwd, this.#world);
    let isOutside = false;
    const parts = new Set<string>();
    const names = new Set<string>();
    for (const { real, named } of facts.paths)
      for (const form of [...real, ...named]) {
        const path = form.text;
        for (const part of form.parts) parts.add(part);
        names.add(form.parts.at(-1) ?? '');
        addFolders(path.replace(/^\//u, ''), absolute);
        if (path === cwd) relative.add('');
        else if (path.startsWith(`${cwd}/`)) addFolders(path.slice(cwd.length + 1), relative);
        else isOutside = true;
      }
    if (isOutside) this.#addLinked(facts.cwd, relative);
    for (const folder of absolute) yield* this.#absolute.get(folder) ?? [];
    for (const folder of relative) yield* this.#relative.get(folder) ?? [];
    for (const part of parts) yield* this.#literals.get(part) ?? [];
    for (const tail of tailsOf(names, this.#tailLengths)) yield* this.#tails.get(tail) ?? [];
    yield* this.#wandering;
  }
}

function addFolders(path: string, to: Set<string>): void {
  to.add('');
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
    to.add(path.slice(0, at));
  to.add(path);
}

function foldersAbove(places: readonly (string | null)[], world: PathWorld): Set<string> {
  const folders = new Set<string>();
  for (const place of places)
    if (place !== null) addFolders(comparable(place, world).replace(/^\//u, ''), folders);
  return folders;
}

/** What the names end with, as long as what is looked for. */
function tailsOf(names: ReadonlySet<string>, lengths: ReadonlySet<number>): Set<string> {
  const tails = new Set<string>();
  for (const name of names)
    for (const length of lengths) if (length <= name.length) tails.add(name.slice(-length));
  return tails;
}

/** The name of a program as rules and commands are compared by it. */
export function programName(word: string): string {
  return word
    .slice(word.lastIndexOf('/') + 1)
    .replace(/\.(?:exe|cmd|bat|com)$/iu, '')
    .toLowerCase();
}

/** The name with each of its words, since a rule that denies looks past options and their values. */
function addWords([first, ...rest]: readonly ShellWord[], keys: Set<string>): void {
  if (first === undefined || first.text === null) return;
  const name = programName(first.text);
  keys.add(name);
  if (rest.length > MAX_KEYED || rest.some(({ text }) => text === null)) keys.add(`${name}\0`);
  else for (const { text } of rest) keys.add(`${name} ${text}`);
}

/** Each beginning of it, as long as its words are known: that is all that a rule can allow. */
function addBeginnings(words: readonly ShellWord[], keys: Set<string>): void {
  let key = '';
  for (const [at, { text }] of words.slice(0, MAX_KEYED).entries()) {
    if (text === null) return;
    key = at === 0 ? programName(text) : `${key} ${text}`;
    keys.add(key);
  }
}

function afterDot(name: string): string {
  const at = name.indexOf('.');
  return at === -1 ? '' : name.slice(at + 1);
}

function put(map: Map<string, CompiledRule[]>, key: string, rule: CompiledRule): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, [rule]);
  else found.push(rule);
}
