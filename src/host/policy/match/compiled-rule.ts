import type { CallPlace } from '../policy.ts';
import type { CallFacts, PathFact } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { isWithin, realOf } from '../paths/resolve.ts';
import type { SourcedRule } from '../rule-sets.ts';
import { matchesAny, type Matches } from '../shell/match.ts';
import { readRuleWords, type RuleWords } from '../shell/rule-words.ts';
import { compileGlob, type Glob } from './glob.ts';
import { hostPattern, matchesHost, type HostPattern } from './host-pattern.ts';
import { matchesMcp, mcpPattern, type McpPattern } from './mcp-pattern.ts';
import { PathPattern } from './path-pattern.ts';

/** A rule made ready for being asked. */
export class CompiledRule {
  readonly sourced: SourcedRule;
  /** Of its command; null where it names none, or one that cannot be read. */
  readonly words: RuleWords | null;
  readonly path: PathPattern | null;
  readonly host: HostPattern | null;
  readonly mcp: McpPattern | null;
  readonly #until: number | null;
  readonly #world: PathWorld;
  /** What each branch that it means begins with; a quick way to say no. */
  readonly #branchHead: string;
  #branch: Glob | null | undefined;
  #folders: readonly string[] | undefined;

  constructor(sourced: SourcedRule, world: PathWorld) {
    const { rule } = sourced;
    this.sourced = sourced;
    this.#world = world;
    this.words = rule.command === undefined ? null : wordsOf(rule.command);
    this.path = rule.path === undefined ? null : new PathPattern(rule.path, world);
    this.host = rule.host === undefined ? null : hostPattern(rule.host);
    this.mcp = rule.mcp === undefined ? null : mcpPattern(rule.mcp);
    this.#branchHead = /^[^*?[\]{}\\]*/.exec(rule.branch ?? '')?.[0] ?? '';
    this.#until = rule.until === undefined ? null : Date.parse(rule.until);
  }

  /** All that is not about what the call does: who, where and until when. */
  holds(facts: CallFacts, place: CallPlace, now: number): boolean {
    const { rule, project, isSpent } = this.sourced;
    if (rule.kind !== undefined && rule.kind !== facts.kind) return false;
    if (rule.agent !== undefined && rule.agent !== place.agent) return false;
    if (rule.session !== undefined && rule.session !== place.sessionId) return false;
    if (this.#until !== null && !(now < this.#until)) return false;
    if (project !== null && !this.#isIn(place, [project])) return false;
    if (this.folders !== null && !this.#isIn(place, this.folders)) return false;
    if (rule.branch !== undefined && !this.#isOn(place.branch, rule.branch)) return false;
    return isSpent === undefined || !this.sourced.isSpent?.();
  }

  /** Of a rule that denies or asks: whether it means a command of the call, or may. */
  meansCommand(facts: CallFacts): Matches {
    const { words } = this;
    if (this.sourced.rule.command === undefined) return 'yes';
    // Words that nobody can read tighten.
    if (words === null) return facts.commands.length > 0 ? 'maybe' : 'no';
    const options = { ignoreCase: this.#world.foldsCase };
    const all = facts.commands.map((line) => matchesAny(words, line, options));
    return all.includes('yes') ? 'yes' : all.includes('maybe') ? 'maybe' : 'no';
  }

  /** Of a rule that denies or asks: what it says of paths, hosts and MCP is true of any of the call's. */
  meansAny(facts: CallFacts): boolean {
    const { path, host, mcp } = this;
    if (path !== null && !facts.paths.some((each) => this.#isOnPath(path, each, facts)))
      return false;
    if (host !== null && !facts.hosts.some((each) => matchesHost(host, each))) return false;
    return mcp === null || (facts.mcp !== null && matchesMcp(mcp, facts.mcp, false));
  }

  /** Of a rule that allows: it is true of every one, there is one, and none can be missing. */
  coversAll(facts: CallFacts): boolean {
    const { path, host, mcp } = this;
    if (path !== null && !this.#coversPaths(path, facts)) return false;
    if (host !== null) {
      if (facts.unknown.has('hosts') || facts.hosts.length === 0) return false;
      if (!facts.hosts.every((each) => matchesHost(host, each))) return false;
    }
    if (mcp === null) return true;
    return !facts.unknown.has('mcp') && facts.mcp !== null && matchesMcp(mcp, facts.mcp, true);
  }

  #coversPaths(path: PathPattern, facts: CallFacts): boolean {
    if (facts.unknown.has('paths') || facts.paths.length === 0) return false;
    return facts.paths.every(({ real }) => real.every((form) => path.covers(form, facts.cwd)));
  }

  /** A glob that nobody can read tightens: it is taken to match. */
  #isOnPath(path: PathPattern, { real, named }: PathFact, { cwd }: CallFacts): boolean {
    return (
      real.some((form) => path.matches(form, cwd) !== false) ||
      named.some((form) => path.matches(form, cwd) !== false)
    );
  }

  #isOn(branch: string | null, glob: string): boolean {
    if (branch !== null && !branch.startsWith(this.#branchHead)) return false;
    this.#branch ??= compileGlob(glob, false);
    const allows = this.sourced.rule.decision === 'allow';
    if (this.#branch === null) return !allows;
    return branch !== null && this.#branch.matches(branch.split('/'));
  }

  /** The rule's folder as it is named and as it is. */
  get folders(): readonly string[] | null {
    const { folder } = this.sourced.rule;
    if (folder === undefined) return null;
    if (this.#folders === undefined) {
      const written = folder.replace(/^~(?=$|[\\/])/u, this.#world.home);
      this.#folders = [written, realOf(written, this.#world) ?? written];
    }
    return this.#folders;
  }

  #isIn({ cwd, base }: CallPlace, folders: readonly string[]): boolean {
    return [cwd, base].some(
      (place) => place !== null && folders.some((folder) => isWithin(place, folder, this.#world)),
    );
  }
}

function wordsOf(command: string): RuleWords | null {
  const read = readRuleWords(command);
  return 'problem' in read ? null : read;
}
