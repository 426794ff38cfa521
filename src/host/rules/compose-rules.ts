import { watch } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger } from '../../base/log.ts';
import type { Home } from '../../local/home.ts';
import type { Approval } from '../../protocol/approval/approval.ts';
import type { Config } from '../../protocol/config.ts';
import type { Rule } from '../../protocol/rules/rule.ts';
import type { AgentProfile } from '../agents/profile.ts';
import type { Audit } from '../audit/trail.ts';
import type { Clock } from '../clock/clock.ts';
import type { ConfigFile } from '../config/config.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store, Writer } from '../event-log/store.ts';
import { compileRules } from '../policy/match/compile-rules.ts';
import type { PathWorld } from '../policy/paths/path-world.ts';
import { thisMachine } from '../policy/paths/this-machine.ts';
import { RulesPolicy } from '../policy/rules-policy.ts';
import { ownPlaces } from '../policy/self/own-places.ts';
import type { Problems } from '../problems.ts';
import type { Commands } from '../sessions/commands.ts';
import { commandProblem } from './command-problem.ts';
import { GoodSets } from './good-sets.ts';
import { Grants } from './grants.ts';
import { KnownProjects } from './known-projects.ts';
import { ownKeepers } from './own-keepers.ts';
import { PolicyFile } from './policy-file.ts';
import type { PolicyPlace } from './policy-path.ts';
import { ProjectRules } from './project-rules.ts';
import { RuleAudit } from './rule-audit.ts';
import { RuleBook } from './rule-book.ts';
import { ruleMethods, type RuleMethods } from './rule-methods.ts';
import { RuleWriting } from './rule-writing.ts';
import { EffectiveSettings } from './settings.ts';
import { TrustBook } from './trust-book.ts';
import { UserRules } from './user-rules.ts';

/** Grants end by the minute, and files where nothing can be watched are looked at as often. */
const LOOK_EVERY_MS = 60_000;
/** Editors write in several steps. */
const SETTLE_MS = 150;

export interface RulesNeeds {
  readonly home: Home;
  /** The folder that the programs lie in. */
  readonly program: string;
  readonly config: ConfigFile;
  readonly logger: Logger;
  readonly problems: Problems;
  readonly policyPlace: PolicyPlace;
  readonly log: EventLog;
  readonly store: Store;
  readonly clock: Pick<Clock, 'wallMs' | 'steadyMs'>;
  readonly profile: (agent: string) => AgentProfile | null;
}

/** The rules of all sources, the policy that asks them, and the settings that an administrator bounds. */
export function composeRules(needs: RulesNeeds) {
  const { home, config, logger, problems, policyPlace, log, store, clock } = needs;
  const now = () => new Date(clock.wallMs());
  const good = new GoodSets(join(home.root, 'rules-good.json'), logger);
  const common = { good, logger, commandProblem };
  const policyFile = new PolicyFile({ ...common, place: policyPlace });
  const settings = new EffectiveSettings({ config, policy: policyFile });
  const user = new UserRules({
    ...{ ...common, path: join(home.root, 'rules.json') },
    keepers: ownKeepers('user'),
  });
  const trust = new TrustBook(join(home.root, 'trusted.json'), { logger, now });
  const sessions = () => log.states().values();
  const projects = new KnownProjects({
    projects: new ProjectRules({ ...common, keepers: ownKeepers('project') }),
    sessions,
    trusted: () => trust.folders(),
    steadyMs: () => clock.steadyMs(),
  });
  const grants = new Grants({
    ...{ store, clock },
    commit: (work) => log.commit(work),
    session: (id) => {
      const state = log.state(id);
      if (state === null) return 'gone';
      return state.archived || state.state === 'ended' ? 'ended' : 'there';
    },
  });
  const world = thisMachine();
  const book = new RuleBook({
    ...{ user, policy: policyFile, projects, trust, grants, settings },
    compile: (rules) => compileRules(rules, world),
  });
  const own = ownPlaces(home, {
    ...{ program: needs.program, policyFile: policyPlace.path },
    ports: () => portsOf(config.current(), { home, store, world }),
    hosts: () => hostsOf(config.current()),
  });
  const policy = new RulesPolicy({
    ...{ rules: book, world, own, profile: needs.profile },
    now: () => clock.wallMs(),
  });
  const writing = new RuleWriting({
    ...{ user, book, policy, commandProblem, now },
    hasSession: (id) => log.state(id) !== null,
  });

  const tell = (): void => {
    problems.set('policy', policyFile.current().problem);
    problems.set('rules', user.current().problem);
    problems.set('trust', trust.problem);
    const bad = book.files().filter(({ about }) => about.source === 'project' && isBad(about));
    problems.set('project-rules', bad.map(({ about }) => about.problem).join(' ') || null);
  };
  const auditOf = (audit: Audit) =>
    new RuleAudit({ audit, book, trust, store, commit: (work) => log.commit(work) });
  const lookThrough = (audit: RuleAudit): void => {
    try {
      tell();
      audit.look();
      grants.note(new Map([...book.all()].map(([id, { rule }]) => [id, rule])));
      audit.ended(writing.sweep());
    } catch (error) {
      // A full disk: what could not be kept is kept the next time.
      logger.warn({ err: error }, 'the rules could not be looked through');
    }
  };

  return {
    settings,
    policy,
    /** See {@link RuleBook.used} and {@link RuleWriting.add}. */
    forDesk: (audit: Audit) => ({
      used: (tx: Pick<Writer, 'putMeta'>, id: string): void => void book.used(tx, id),
      save: (rule: Rule, { surface }: { readonly surface: string }): void => {
        const { row, isNew } = writing.add(rule);
        const what = { added: row.id, rule: row.text };
        if (isNew) log.commit((tx) => auditOf(audit).changed(tx, surface, what));
      },
    }),
    methods: (more: {
      commands: Commands;
      audit: Audit;
      approvals: () => readonly Approval[];
    }): RuleMethods =>
      ruleMethods({
        ...{ book, writing, projects, trust, settings, policy, sessions, now },
        ...{ ...more, audit: auditOf(more.audit), commit: (work) => log.commit(work) },
      }),
    /** Tells of changes without being asked; returns its own undo. */
    start: (audit: Audit): (() => void) => {
      const told = auditOf(audit);
      const look = () => lookThrough(told);
      look();
      book.changed.on(tell);
      const timer = setInterval(look, LOOK_EVERY_MS).unref();
      const folders = [home.root, dirname(policyPlace.path)];
      const undo = folders.map((folder) => watchFolder(folder, look, logger));
      return () => {
        clearInterval(timer);
        for (const stop of undo) stop();
        look();
      };
    },
  };
}

/** Of the loopback UI as it was last opened, and of the own relay (`relay.json`, see own-relay.ts). */
function portsOf(
  { relay }: Config,
  from: { home: Home; store: Pick<Store, 'meta'>; world: PathWorld },
): number[] {
  const { home, store, world } = from;
  const told = [store.meta('ui') ?? '', world.readStart(join(home.root, 'relay.json'), 200) ?? ''];
  const ports = told.flatMap((text) => /"port":\s*(\d+)/.exec(text)?.[1] ?? []);
  return [...ports.map(Number), ...(relay?.port === undefined ? [] : [relay.port])];
}

function hostsOf({ relay }: Config): string[] {
  const urls = [relay?.url, relay?.publicUrl].filter((each) => each !== undefined);
  return urls.map((url) => new URL(url).hostname.toLowerCase());
}

function isBad({ state }: { state: string }): boolean {
  return state === 'bad';
}

/** Of files of ours and of the administrator's in it; where there is no folder, the timer has to do. */
function watchFolder(folder: string, changed: () => void, logger: Logger): () => void {
  let timer: NodeJS.Timeout | undefined;
  const isOurs = (file: string | null) =>
    file === null || ['rules.json', 'trusted.json', 'policy.json'].includes(file);
  try {
    const watcher = watch(folder, { persistent: false }, (_, file) => {
      if (!isOurs(file)) return;
      clearTimeout(timer);
      timer = setTimeout(changed, SETTLE_MS);
    });
    watcher.on('error', (error) => {
      logger.warn({ error: error.message, folder }, 'a folder of rules cannot be watched');
      watcher.close();
    });
    return () => {
      clearTimeout(timer);
      watcher.close();
    };
  } catch {
    return () => {};
  }
}
