import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '../../../../src/base/log.ts';
import { compileRules } from '../../../../src/host/policy/match/compile-rules.ts';
import { thisMachine } from '../../../../src/host/policy/paths/this-machine.ts';
import { RulesPolicy } from '../../../../src/host/policy/rules-policy.ts';
import { commandProblem } from '../../../../src/host/rules/command-problem.ts';
import { GoodSets } from '../../../../src/host/rules/good-sets.ts';
import { Grants } from '../../../../src/host/rules/grants.ts';
import { KnownProjects } from '../../../../src/host/rules/known-projects.ts';
import { PolicyFile } from '../../../../src/host/rules/policy-file.ts';
import { ProjectRules } from '../../../../src/host/rules/project-rules.ts';
import { RuleBook } from '../../../../src/host/rules/rule-book.ts';
import { rowsOf } from '../../../../src/host/rules/rule-rows.ts';
import { RuleWriting } from '../../../../src/host/rules/rule-writing.ts';
import { EffectiveSettings } from '../../../../src/host/rules/settings.ts';
import { TrustBook } from '../../../../src/host/rules/trust-book.ts';
import { UserRules } from '../../../../src/host/rules/user-rules.ts';
import { madeUpCall } from '../../../../src/host/rules/made-up-call.ts';
import { configSchema } from '../../../../src/protocol/config.ts';
import { ME, ownFolder } from './rules-home.ts';

export const NOON = Date.parse('2026-05-01T12:00:00Z');

/** Homes and files on a real disk; each host made on them is one after the other. */
export class RulesBench {
  readonly home = ownFolder();
  readonly project = ownFolder();
  readonly etc = ownFolder();
  readonly meta = new Map<string, string>();
  wallMs = NOON;

  get file(): string {
    return join(this.home, 'rules.json');
  }

  writeUser(rules: object[]): void {
    writeFileSync(this.file, JSON.stringify({ rules }), { mode: 0o600 });
  }

  writeProject(rules: object[] | string): void {
    const folder = join(this.project, '.porchlight');
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const text = typeof rules === 'string' ? rules : JSON.stringify({ rules });
    writeFileSync(join(folder, 'rules.json'), text, { mode: 0o644 });
  }

  writePolicy(policy: object | string): void {
    const text = typeof policy === 'string' ? policy : JSON.stringify(policy);
    writeFileSync(join(this.etc, 'policy.json'), text, { mode: 0o644 });
  }

  /** As a host that starts now has them. */
  host() {
    const logger = silentLogger;
    const now = () => new Date(this.wallMs);
    const clock = { wallMs: () => this.wallMs, steadyMs: () => this.wallMs };
    const good = new GoodSets(join(this.home, 'rules-good.json'), logger);
    const common = { good, logger, commandProblem };
    const place = { path: join(this.etc, 'policy.json'), keepers: ME };
    const policyFile = new PolicyFile({ ...common, place });
    const config = configSchema.parse({});
    const settings = new EffectiveSettings({
      config: { current: () => config },
      policy: policyFile,
    });
    const user = new UserRules({ ...common, path: this.file, keepers: ME });
    const trust = new TrustBook(join(this.home, 'trusted.json'), { logger, now });
    const projects = new KnownProjects({
      projects: new ProjectRules({ ...common, keepers: ME }),
      sessions: () => [{ cwd: this.project, origin: null, archived: false }],
      trusted: () => trust.folders(),
      steadyMs: () => this.wallMs,
    });
    const grants = new Grants({
      store: { meta: (key) => this.meta.get(key) ?? null },
      commit: (work) => work({ putMeta: (key, value) => void this.meta.set(key, value) }),
      clock,
      session: () => 'there',
    });
    const world = thisMachine();
    const book = new RuleBook({
      ...{ user, policy: policyFile, projects, trust, grants, settings },
      compile: (rules) => compileRules(rules, world),
    });
    const own = {
      roots: [this.home],
      workplaces: [],
      others: [],
      ports: () => [],
      hosts: () => [],
    };
    const policy = new RulesPolicy({
      ...{ rules: book, world, own },
      profile: () => null,
      now: () => this.wallMs,
    });
    const writing = new RuleWriting({
      ...{ user, book, policy, commandProblem, now },
      hasSession: () => false,
    });
    const place0 = {
      ...{ sessionId: null, agent: 'demo', cwd: this.project, base: null },
      ...{ branch: null, mode: null },
    };
    return {
      ...{ book, trust, user, writing, settings, policy, grants },
      rows: () => rowsOf(book, this.wallMs),
      judge: (command: string) => {
        // Projects are looked at again after a moment.
        this.wallMs += 1_000;
        const call = madeUpCall({ cwd: this.project, command });
        const { decision, rule } = policy.judge(call, place0);
        return rule === null ? decision : `${decision} by ${rule.source}`;
      },
    };
  }
}
