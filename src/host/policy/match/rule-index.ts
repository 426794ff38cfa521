import type { CallFacts } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { comparable, realOf } from '../paths/resolve.ts';
import type { CallPlace } from '../policy.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { PathPattern } from './path-pattern.ts';

/** Of more folders than these none is looked at for being a link: it would take too long. */
const MAX_LINKED = 64;

/**
 * Rules under what is rarest about them, so that a call meets few of them: the words of a command,
 * the server of a tool, a host, the folder that a path begins with, a session.
 */
export class RuleIndex {
  readonly #commands = new Map<string, CompiledRule[]>();
  readonly #servers = new Map<string, CompiledRule[]>();
  readonly #hosts = new Map<string, CompiledRule[]>();
  readonly #absolute = new Map<string, CompiledRule[]>();
  readonly #relative = new Map<string, CompiledRule[]>();
  /** Paths that go up first: few, so that all of them count. */
  readonly #wandering: CompiledRule[] = [];
  readonly #sessions = new Map<string, CompiledRule[]>();
  readonly #others = new Map<string, CompiledRule[]>();
  readonly #world: PathWorld;

  constructor(rules: readonly CompiledRule[], world: PathWorld) {
    this.#world = world;
    for (const rule of rules) this.#add(rule);
  }

  /** Those that may have to do with the call, in no order; some may come twice. */
  *near(facts: CallFacts, place: CallPlace): Generator<CompiledRule> {
    for (const name of namesOf(facts)) yield* this.#commands.get(name) ?? [];
    for (const { server } of facts.mcp?.readings ?? []) yield* this.#servers.get(server) ?? [];
    if (facts.hosts.length > 0) yield* this.#nearHosts(facts);
    if (facts.paths.length > 0) yield* this.#nearPaths(facts);
    if (place.sessionId !== null) yield* this.#sessions.get(place.sessionId) ?? [];
    yield* this.#others.get(facts.kind) ?? [];
    yield* this.#others.get('') ?? [];
  }

  #add(rule: CompiledRule): void {
    const { words, mcp, host, path } = rule;
    const { session, kind } = rule.sourced.rule;
    const first = words?.words[0];
    if (first !== undefined) put(this.#commands, programName(first), rule);
    else if (mcp !== null) {
      put(this.#servers, mcp.server, rule);
      const plain = mcp.server.replace(/[^\w-]/g, '_');
      if (plain !== mcp.server) put(this.#servers, plain, rule);
    } else if (host !== null) put(this.#hosts, host.name, rule);
    else if (path !== null) {
      const folder = comparable(path.base.join('/'), this.#world);
      if (path.base.includes('..')) this.#wandering.push(rule);
      else {
        put(path.isAbsolute ? this.#absolute : this.#relative, folder, rule);
        this.#addReal(path, folder, rule);
      }
    } else if (session !== undefined) put(this.#sessions, session, rule);
    else put(this.#others, kind ?? '', rule);
  }

  /** Where a rule's folder is a link, paths are below what it points to. */
  #addReal(path: PathPattern, folder: string, rule: CompiledRule): void {
    if (!path.isAbsolute) return;
    const named = comparable(path.realBase(), this.#world).replace(/^\//u, '');
    if (named !== folder) put(this.#absolute, named, rule);
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
    for (const { forms, named } of facts.paths)
      for (const form of [...forms, ...named]) {
        const path = comparable(form, this.#world);
        addFolders(path.replace(/^\//u, ''), absolute);
        if (path === cwd) relative.add('');
        else if (path.startsWith(`${cwd}/`)) addFolders(path.slice(cwd.length + 1), relative);
        else isOutside = true;
      }
    if (isOutside) this.#addLinked(facts.cwd, relative);
    for (const folder of absolute) yield* this.#absolute.get(folder) ?? [];
    for (const folder of relative) yield* this.#relative.get(folder) ?? [];
    yield* this.#wandering;
  }
}

function addFolders(path: string, to: Set<string>): void {
  to.add('');
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
    to.add(path.slice(0, at));
  to.add(path);
}

/** The name of a program as rules and commands are compared by it. */
export function programName(word: string): string {
  return word
    .slice(word.lastIndexOf('/') + 1)
    .replace(/\.(?:exe|cmd|bat|com)$/iu, '')
    .toLowerCase();
}

function namesOf(facts: CallFacts): Set<string> {
  const names = new Set<string>();
  for (const line of facts.commands)
    for (const { forms } of line.commands)
      for (const { words } of forms) {
        const name = words[0]?.text;
        if (name !== undefined && name !== null) names.add(programName(name));
      }
  return names;
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
