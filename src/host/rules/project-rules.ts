import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger } from '../../base/log.ts';
import { rulesFileSchema, type Rule } from '../../protocol/rules/rule.ts';
import { projectSet, type GoodSets } from './good-sets.ts';
import { parseRuleFile, tighteningOf } from './parse-file.ts';
import type { CommandProblem } from './rule-checks.ts';
import { readSafely, stampOf, type Keepers } from './safe-read.ts';

/** What stands in a project's own file. */
export interface ProjectState {
  /** Its base checkout. */
  readonly folder: string;
  readonly path: string;
  readonly state: 'ok' | 'none' | 'bad';
  /** All of a good one; of a bad one those that tighten, of its last good content or of what it says now. */
  readonly rules: readonly Rule[];
  readonly problem: string | null;
  /** SHA-256 of its bytes, of a good one: what trust is about. */
  readonly hash: string | null;
}

export interface ProjectRulesNeeds {
  readonly keepers: Keepers;
  readonly good: GoodSets;
  readonly logger: Logger;
  readonly commandProblem: CommandProblem;
}

/** Projects that are looked at now are few; of others nothing need be remembered. */
const MAX_REMEMBERED = 200;

/** `.porchlight/rules.json` of projects, each looked at on its use. */
export class ProjectRules {
  readonly #needs: ProjectRulesNeeds;
  readonly #known = new Map<string, { stamp: string; now: ProjectState }>();

  constructor(needs: ProjectRulesNeeds) {
    this.#needs = needs;
  }

  /** The same object for as long as the file is the same. */
  of(folder: string): ProjectState {
    const path = join(folder, '.porchlight', 'rules.json');
    const stamp = stampOf(path);
    const known = this.#known.get(folder);
    if (known?.stamp === stamp) return known.now;
    const now = this.#read(folder, path);
    this.#known.delete(folder);
    this.#known.set(folder, { stamp, now });
    for (const [oldest] of this.#known) {
      if (this.#known.size <= MAX_REMEMBERED) break;
      this.#known.delete(oldest);
    }
    return now;
  }

  #read(folder: string, path: string): ProjectState {
    const { keepers, good, commandProblem } = this.#needs;
    const name = projectSet(folder);
    const read = readSafely(path, keepers);
    const about = { folder, path };
    if (read.kind === 'none') {
      good.forget(name);
      return { ...about, state: 'none', rules: [], problem: null, hash: null };
    }
    if (read.kind === 'unreadable') return this.#bad(about, name, read.problem, []);
    const parsed =
      read.kind === 'open' ? read : parseRuleFile(read.bytes, rulesFileSchema, commandProblem);
    if ('problem' in parsed)
      return this.#bad(about, name, parsed.problem, tighteningOf(read.bytes, commandProblem));
    const hash = createHash('sha256').update(read.bytes).digest('hex');
    // What may loosen is never kept: a changed file is not the one that was trusted.
    good.keep(name, { version: 1, rules: parsed.value.rules.filter(tightens) });
    return { ...about, state: 'ok', rules: parsed.value.rules, problem: null, hash };
  }

  #bad(
    about: { folder: string; path: string },
    name: string,
    problem: string,
    tightening: readonly Rule[],
  ): ProjectState {
    const { good, logger } = this.#needs;
    logger.warn({ path: about.path, problem }, "a project's rules are bad");
    return {
      ...about,
      state: 'bad',
      rules: good.of(name, rulesFileSchema)?.rules ?? tightening,
      problem: `${about.path}: ${problem}. Until that is mended, only rules of it that deny or ask hold.`,
      hash: null,
    };
  }
}

export function tightens({ decision }: Rule): boolean {
  return decision !== 'allow';
}

/**
 * Whose rules hold for who works in `cwd`: the checkout that its worktree was made from, else the
 * checkout around it, else the folder itself. Never the worktree, where an agent writes.
 */
export function projectFolderOf({ cwd, base }: { cwd: string; base: string | null }): string {
  if (base !== null) return base;
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (isThere(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return cwd;
  }
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
