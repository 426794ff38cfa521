import { RpcFailure } from '../../src/protocol/errors.ts';
import type { AuditEntry, AuditVerdict } from '../../src/protocol/audit.ts';
import type { Night, NightReport } from '../../src/protocol/night.ts';
import type { CheckedCall } from '../../src/protocol/rules/check.ts';
import { ruleText } from '../../src/protocol/rules/rule-text.ts';
import type { Rule, RuleFile, RuleProposal, RuleRow } from '../../src/protocol/rules/rule.ts';
import type { FakeHandlers } from './fake-host-handlers.ts';
import type { FakeHost } from './fake-host.ts';

export const USER_RULES = '/home/ada/.porchlight/rules.json';

type Method =
  | `rules.${'list' | 'add' | 'remove' | 'check' | 'propose' | 'trust'}`
  | `audit.${'list' | 'verify' | 'head'}`
  | `night.${'state' | 'start' | 'end' | 'report'}`;

/** What stands for longer than a session, in memory: rules, the night, the log. */
export class FakeStanding {
  rules: RuleRow[] = [];
  files: RuleFile[] = [];
  /** By approval. */
  readonly proposals = new Map<string, RuleProposal[]>();
  checked: CheckedCall | null = null;
  night: Night | null = null;
  report: NightReport | null = null;
  entries: AuditEntry[] = [];
  verdict: AuditVerdict | null = null;

  add(rule: Rule, given: Partial<RuleRow> = {}): RuleRow {
    const text = ruleText(rule);
    const n = this.rules.length + 1;
    const row: RuleRow = {
      n,
      id: `r_${text}`,
      source: 'user',
      file: USER_RULES,
      rule,
      text,
      ...given,
    };
    this.rules = [...this.rules, row];
    return row;
  }
}

export function standingHandlers(host: FakeHost): Pick<FakeHandlers, Method> {
  const { standing } = host;
  const setNight = (night: Night | null): void => {
    standing.night = night;
    host.tell('night.changed', { night });
  };
  return {
    'rules.list': () => ({ rules: standing.rules, files: standing.files }),
    'rules.add': ({ rule }) => {
      const row = standing.add(rule);
      host.tell('rules.changed', {});
      return { row };
    },
    'rules.remove': ({ id }) => {
      if (!standing.rules.some((row) => row.id === id))
        throw new RpcFailure('notFound', `There is no rule ${id} of yours.`);
      standing.rules = standing.rules.filter((row) => row.id !== id);
      host.tell('rules.changed', {});
      return {};
    },
    'rules.check': () => {
      if (standing.checked === null)
        throw new RpcFailure('refused', 'The fake host does not do this.');
      return standing.checked;
    },
    'rules.propose': ({ approvalId }) => ({ proposals: standing.proposals.get(approvalId) ?? [] }),
    'rules.trust': ({ folder, trusted }) => {
      const state = trusted ? 'ok' : 'untrusted';
      standing.files = standing.files.map((file) =>
        file.project?.folder === folder ? { ...file, state } : file,
      );
      const file = standing.files.find(({ project }) => project?.folder === folder);
      if (file === undefined) throw new RpcFailure('notFound', `${folder} has no rules.`);
      return { file };
    },
    'audit.list': ({ after, limit }) => {
      const entries = standing.entries.filter(({ n }) => n > after);
      return { entries: entries.slice(0, limit), more: entries.length > limit };
    },
    'audit.verify': () =>
      standing.verdict ?? {
        ok: true,
        entries: standing.entries.length,
        brokenAt: null,
        why: null,
        head: null,
      },
    'audit.head': () => {
      const last = standing.entries.at(-1);
      return { head: last === undefined ? null : { n: last.n, hash: last.hash } };
    },
    'night.state': () => ({ night: standing.night }),
    'night.start': ({ until }) => {
      const night = { since: host.now(), until: until ?? null, by: 'window' };
      setNight(night);
      return { night };
    },
    'night.end': () => {
      if (standing.report !== null) standing.report = { ...standing.report, ended: host.now() };
      setNight(null);
      return {};
    },
    'night.report': () => ({ report: standing.report }),
  };
}
