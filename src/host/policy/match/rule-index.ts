import type { CallFacts } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { comparable } from '../paths/resolve.ts';
import type { CallPlace } from '../policy.ts';
import type { CompiledRule } from './compiled-rule.ts';

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
      put(path.isAbsolute ? this.#absolute : this.#relative, folder, rule);
    } else if (session !== undefined) put(this.#sessions, session, rule);
    else put(this.#others, kind ?? '', rule);
  }

  *#nearHosts(facts: CallFacts): Generator<CompiledRule> {
    yield* this.#hosts.get('*') ?? [];
    for (const { host } of facts.hosts) {
      for (let name = host; name !== ''; name = afterDot(name)) yield* this.#hosts.get(name) ?? [];
    }
  }

  /** A rule's folder may be a link to where the path is, so those with a folder of their own all count. */
  *#nearPaths(_facts: CallFacts): Generator<CompiledRule> {
    for (const rules of this.#absolute.values()) yield* rules;
    for (const rules of this.#relative.values()) yield* rules;
  }
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
