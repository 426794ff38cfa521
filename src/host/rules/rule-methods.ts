import { realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { RpcFailure } from '../../protocol/errors.ts';
import type { ApprovalId } from '../../protocol/ids.ts';
import type { ParsedParams } from '../../protocol/methods.ts';
import type { Approval } from '../../protocol/approval/approval.ts';
import type { RuleFile } from '../../protocol/rules/rule.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import { checkedOutBranch } from '../approvals/checked-out.ts';
import { placeOf } from '../approvals/opening.ts';
import type { Handlers } from '../api/handlers.ts';
import type { CallPlace, Policy } from '../policy/policy.ts';
import type { Commands } from '../sessions/commands.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import type { RuleAudit } from './rule-audit.ts';
import type { KnownProjects } from './known-projects.ts';
import { madeUpCall } from './made-up-call.ts';
import type { RuleBook } from './rule-book.ts';
import { rowsOf } from './rule-rows.ts';
import type { RuleWriting } from './rule-writing.ts';
import type { EffectiveSettings } from './settings.ts';
import type { TrustBook } from './trust-book.ts';

export type RuleMethods = Pick<Handlers, Extract<keyof Handlers, `rules.${string}`>>;
type Surface = Parameters<RuleMethods['rules.list']>[1];

export interface RuleMethodsNeeds {
  readonly book: RuleBook;
  readonly writing: RuleWriting;
  readonly projects: KnownProjects;
  readonly trust: TrustBook;
  readonly settings: EffectiveSettings;
  readonly policy: Policy;
  readonly commands: Commands;
  readonly audit: RuleAudit;
  readonly commit: (work: (tx: LogWriter) => void) => void;
  readonly sessions: () => Iterable<SessionState>;
  readonly approvals: () => readonly Approval[];
  readonly now: () => Date;
}

/** The rows `rules.*` of the table of methods. */
export function ruleMethods(needs: RuleMethodsNeeds): RuleMethods {
  const { book, writing, projects, policy, commands, audit, commit, now } = needs;
  const listeners = new Set<Surface>();
  book.changed.on(() => {
    for (const surface of listeners) surface.notify('rules.changed', {});
  });
  return {
    'rules.list': ({ folder }, surface) => {
      surface.hold('rules', () => {
        listeners.add(surface);
        return { close: () => void listeners.delete(surface) };
      });
      // Which folders there are on this machine is not for devices to find out.
      if (folder !== undefined && surface.device === null)
        projects.include({ cwd: realFolder(folder), base: null });
      const rules = rowsOf(book, now().getTime());
      return { rules, files: book.files().map(({ about }) => about) };
    },
    'rules.add': ({ commandId, rule }, { surface }) =>
      commands.once(commandId, (tx) => {
        const { row, isNew } = writing.add(rule);
        if (isNew) audit.changed(tx, surface, { added: row.id, rule: row.text });
        return { row };
      }),
    'rules.remove': ({ commandId, id }, { surface }) =>
      commands.once(commandId, (tx) => {
        const rule = writing.remove(id);
        audit.changed(tx, surface, { removed: id, rule });
        return {};
      }),
    'rules.check': (params, surface) => {
      const place = madeUpPlace(needs, params, surface);
      // Who asks has just changed a file, as like as not: a call may be judged by a look a moment ago.
      book.files();
      return policy.explain(madeUpCall(params), place);
    },
    'rules.propose': ({ approvalId }) => {
      const { approval, state } = openApproval(needs, approvalId);
      return { proposals: policy.propose(approval, placeOf(state, checkedOutBranch)) };
    },
    'rules.trust': (params, { surface }) => {
      const file = setTrust(needs, params);
      const { folder, hash, trusted } = params;
      commit((tx) =>
        audit.changed(tx, surface, trusted ? { trusted: folder, hash } : { distrusted: folder }),
      );
      return { file };
    },
  };
}

/** Where a made-up call would run: in a session that is named or works there, else nowhere yet. */
function madeUpPlace(
  { sessions, projects }: RuleMethodsNeeds,
  { cwd: given, session, agent, mode }: ParsedParams<'rules.check'>,
  surface: Surface,
): CallPlace {
  const all = [...sessions()];
  const over = { ...(agent !== undefined && { agent }), ...(mode !== undefined && { mode }) };
  if (session !== undefined) {
    const state = all.find(({ id }) => id === session);
    if (state === undefined)
      throw new RpcFailure(
        'notFound',
        `There is no session ${session}: see "porchlight ls --all".`,
      );
    return { ...placeOf(state, checkedOutBranch), ...over };
  }
  const cwd = surface.device === null ? realFolder(given) : given;
  const there = all.find((state) => !state.archived && state.cwd === cwd);
  const base = there?.origin?.root ?? null;
  if (surface.device === null) projects.include({ cwd, base });
  return {
    sessionId: null,
    agent: '',
    cwd,
    base,
    branch: checkedOutBranch(cwd),
    mode: null,
    ...over,
  };
}

function realFolder(folder: string): string {
  if (!isAbsolute(folder))
    throw new RpcFailure('refused', `The folder ${folder} is not an absolute path.`);
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function openApproval(
  { approvals, sessions }: RuleMethodsNeeds,
  id: ApprovalId,
): { approval: Approval; state: SessionState } {
  const approval = approvals().find((each) => each.id === id);
  const state = [...sessions()].find((each) => each.id === approval?.sessionId);
  if (approval === undefined || state === undefined)
    throw new RpcFailure(
      'notFound',
      `There is no open approval ${id}: see "porchlight approvals".`,
    );
  return { approval, state };
}

function setTrust(
  { projects, book, trust, settings }: RuleMethodsNeeds,
  { folder: given, hash, trusted }: ParsedParams<'rules.trust'>,
): RuleFile {
  const folder = projects.include({ cwd: realFolder(given), base: null });
  const found = () => book.files().find(({ about }) => about.project?.folder === folder)?.about;
  const before = found();
  if (!trusted) {
    trust.set(folder, null);
    return found() ?? none(folder);
  }
  if (settings.current().projectsOnlyTighten)
    throw new RpcFailure(
      'refused',
      "The administrator lets a project's rules only deny or ask, so they cannot be trusted.",
    );
  if (before?.project === undefined)
    throw new RpcFailure(
      'refused',
      before?.problem ?? `${folder} has no rules of its own (.porchlight/rules.json).`,
    );
  if (before.project.hash !== hash)
    throw new RpcFailure(
      'refused',
      `${before.path} has changed since you looked at it: look again.`,
      { kind: 'changed' },
    );
  trust.set(folder, hash);
  return found() ?? before;
}

function none(folder: string): RuleFile {
  return { source: 'project', path: folder, state: 'none', problem: null, rules: 0 };
}
