import { Emitter } from '../../base/emitter.ts';
import { ruleText } from '../../protocol/rules/rule-text.ts';
import type { RuleFile, Rule } from '../../protocol/rules/rule.ts';
import type { RuleSource } from '../../protocol/rules/rule-ref.ts';
import type { Writer } from '../event-log/store.ts';
import type { CompiledRules, RuleSets, SourcedRule } from '../policy/rule-sets.ts';
import type { Grants, Standing } from './grants.ts';
import type { KnownProjects } from './known-projects.ts';
import type { PolicyFile } from './policy-file.ts';
import { tightens, type ProjectState } from './project-rules.ts';
import { ruleIdOf } from './rule-id.ts';
import type { EffectiveSettings } from './settings.ts';
import type { TrustBook } from './trust-book.ts';
import type { UserRules } from './user-rules.ts';

export interface RuleBookNeeds {
  readonly user: UserRules;
  readonly policy: PolicyFile;
  readonly projects: KnownProjects;
  readonly trust: TrustBook;
  readonly grants: Grants;
  readonly settings: EffectiveSettings;
  readonly compile: (rules: readonly SourcedRule[]) => CompiledRules;
}

/** A rule where it stands. */
export interface HeldRule {
  readonly id: string;
  readonly source: RuleSource;
  readonly file: string;
  readonly rule: Rule;
  readonly text: string;
  /** Why its source lets it not allow anything; null: it may. */
  readonly bound: string | null;
  readonly project: string | null;
}

/** One file with its rules. */
export interface HeldFile {
  readonly about: RuleFile;
  readonly rules: readonly HeldRule[];
}

/** All rules of all sources as they hold now, made ready for the policy each time one changes. */
export class RuleBook implements RuleSets {
  /** Some file, or what holds of it, is another. */
  readonly changed = new Emitter<void>();
  readonly #needs: RuleBookNeeds;
  readonly #numbered = new WeakMap<readonly Rule[], readonly { id: string; text: string }[]>();
  #from: readonly unknown[] = [];
  #files: readonly HeldFile[] = [];
  #byId = new Map<string, HeldRule>();
  #compiled: CompiledRules | null = null;

  constructor(needs: RuleBookNeeds) {
    this.#needs = needs;
  }

  current(): CompiledRules {
    this.#refresh(false);
    this.#compiled ??= this.#needs.compile(this.#sourced());
    return this.#compiled;
  }

  /** The user's, the projects', the administrator's; each in the order of its file. */
  files(): readonly HeldFile[] {
    this.#refresh(true);
    return this.#files;
  }

  standing({ id, rule }: HeldRule): Standing {
    return this.#needs.grants.standing(id, rule);
  }

  /**
   * Counts one call that the rule decides, in the transaction of that decision. False: it has ended
   * in between, so it does not decide this one.
   */
  used(tx: Pick<Writer, 'putMeta'>, id: string): boolean {
    const held = this.#byId.get(id);
    return held !== undefined && this.#needs.grants.used(tx, id, held.rule);
  }

  /** All rules that stand somewhere, by id. */
  all(): ReadonlyMap<string, HeldRule> {
    this.#refresh(true);
    return this.#byId;
  }

  #refresh(anew: boolean): void {
    const { user, policy, projects, trust, settings } = this.#needs;
    const own = user.current();
    const administrators = policy.current();
    const { projectsOnlyTighten } = settings.current();
    const known = projects.all(anew);
    const trusts = known.map(({ folder }) => trust.hashOf(folder));
    const from = [own, administrators, projectsOnlyTighten, trust.problem, ...known, ...trusts];
    if (from.length === this.#from.length && from.every((each, i) => each === this.#from[i]))
      return;
    const isFirst = this.#from.length === 0;
    this.#from = from;
    const nobody = administrators.nothingIsAllowed
      ? "the administrator's policy cannot be read: nothing is allowed by a rule until it can"
      : null;
    this.#files = [
      this.#file('user', user.path, own, nobody),
      ...known.map((project) => this.#project(project, nobody)),
      this.#file('policy', policy.path, administrators, nobody),
    ];
    this.#byId = new Map(this.#files.flatMap(({ rules }) => rules.map((each) => [each.id, each])));
    this.#compiled = null;
    if (!isFirst) this.changed.emit();
  }

  #file(
    source: RuleSource,
    path: string,
    found: Pick<RuleFile, 'state' | 'problem'> & { readonly rules: readonly Rule[] },
    bound: string | null,
  ): HeldFile {
    const { state, problem, rules } = found;
    return {
      about: { source, path, state, problem, rules: rules.length },
      rules: this.#held(source, path, rules, bound, null),
    };
  }

  #project(project: ProjectState, nobody: string | null): HeldFile {
    const { folder, path, state, rules, hash } = project;
    const why = this.#distrust(project);
    return {
      about: {
        source: 'project',
        path,
        state: state === 'ok' && why !== null ? 'untrusted' : state,
        problem: project.problem ?? why,
        rules: rules.length,
        ...(hash !== null && { project: { folder, hash } }),
      },
      rules: this.#held('project', path, rules, nobody ?? why, folder),
    };
  }

  /** Why a project's rules may not allow anything; null: they may, or none wants to. */
  #distrust({ folder, hash, rules, state }: ProjectState): string | null {
    if (state !== 'ok') return 'its file is bad';
    if (rules.every(tightens)) return null;
    const { trust, settings } = this.#needs;
    if (settings.current().projectsOnlyTighten)
      return "the administrator lets a project's rules only deny or ask";
    const trusted = trust.hashOf(folder);
    if (trusted === hash) return null;
    return trusted === null
      ? `its project is not trusted: porchlight rules trust '${folder}'`
      : `it has changed since you trusted it: look at it, then porchlight rules trust '${folder}'`;
  }

  #held(
    source: RuleSource,
    file: string,
    rules: readonly Rule[],
    bound: string | null,
    project: string | null,
  ): HeldRule[] {
    let named = this.#numbered.get(rules);
    if (named === undefined) {
      named = rules.map((rule) => ({ id: ruleIdOf(source, project, rule), text: ruleText(rule) }));
      this.#numbered.set(rules, named);
    }
    const names = named;
    return rules.map((rule, i) => {
      const { id, text } = names[i] ?? { id: ruleIdOf(source, project, rule), text: '' };
      return { id, text, source, file, rule, project, bound: tightens(rule) ? null : bound };
    });
  }

  #sourced(): SourcedRule[] {
    const { grants } = this.#needs;
    return this.#files.flatMap(({ rules }) =>
      rules.map(({ id, source, rule, text, bound, project }) => ({
        ref: { source, id, text },
        rule,
        mayLoosen: bound === null,
        project,
        ...(ends(rule) && { isSpent: () => grants.standing(id, rule).ended !== null }),
      })),
    );
  }
}

function ends({ until, uses, session }: Rule): boolean {
  return until !== undefined || uses !== undefined || session !== undefined;
}
