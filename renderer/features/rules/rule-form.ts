import type { Rule } from '../../../src/protocol/rules/rule.ts';

/** What of a call a rule names in words; the rest of a rule is chosen, or kept as it was. */
export const MATCH_FIELDS = ['command', 'path', 'host', 'mcp'] as const;
export type MatchField = (typeof MATCH_FIELDS)[number];

export type RuleWhere = 'session' | 'folder' | 'everywhere';
export type RuleLength = 'good' | 'hour' | 'tomorrow' | 'times';

/** A rule as a form holds it. */
export interface RuleForm {
  readonly match: Readonly<Record<MatchField, string>>;
  readonly where: RuleWhere;
  readonly howLong: RuleLength;
  readonly times: string;
}

/** What a form must know of the session that the rule is made in. */
export interface RulePlace {
  readonly sessionId: Rule['session'];
  readonly folder: string | undefined;
  readonly nowMs: number;
}

export type RuleProblem = 'empty' | 'times' | 'tooLong';
export type MadeRule =
  | { readonly ok: true; readonly rule: Rule }
  | { readonly ok: false; readonly at: MatchField | 'times'; readonly problem: RuleProblem };

const MAX_CHARS: Readonly<Record<MatchField, number>> = {
  command: 2_000,
  path: 4_096,
  host: 300,
  mcp: 300,
};
const HOUR_MS = 3_600_000;
const MORNING_HOUR = 8;
const MAX_USES = 1_000_000;

export function formOf(rule: Rule): RuleForm {
  const [command = '', path = '', host = '', mcp = ''] = MATCH_FIELDS.map((name) => rule[name]);
  return {
    match: { command, path, host, mcp },
    where:
      rule.session !== undefined ? 'session' : rule.folder !== undefined ? 'folder' : 'everywhere',
    howLong: rule.uses !== undefined ? 'times' : 'good',
    times: String(rule.uses ?? 1),
  };
}

/** Which of the fields the form shows: those that the rule began with. */
export function fieldsOf(rule: Rule): MatchField[] {
  return MATCH_FIELDS.filter((name) => rule[name] !== undefined);
}

/** The rule that the form says, on the ground of the one it began with. */
export function ruleOf(base: Rule, form: RuleForm, place: RulePlace): MadeRule {
  const { session: _session, folder, until: _until, uses: _uses, madeAt: _madeAt, ...kept } = base;
  const match: Partial<Record<MatchField, string>> = {};
  for (const name of fieldsOf(base)) {
    const text = form.match[name].trim();
    if (text === '') return { ok: false, at: name, problem: 'empty' };
    if (text.length > MAX_CHARS[name]) return { ok: false, at: name, problem: 'tooLong' };
    match[name] = text;
  }
  const uses = Number(form.times);
  if (form.howLong === 'times' && !(Number.isInteger(uses) && uses >= 1 && uses <= MAX_USES))
    return { ok: false, at: 'times', problem: 'times' };
  const end =
    form.howLong === 'hour'
      ? { until: new Date(place.nowMs + HOUR_MS).toISOString() }
      : form.howLong === 'tomorrow'
        ? { until: tomorrow(place.nowMs).toISOString() }
        : form.howLong === 'times'
          ? { uses }
          : null;
  const below = folder ?? place.folder;
  return {
    ok: true,
    rule: {
      ...kept,
      ...match,
      ...(form.where === 'session' &&
        place.sessionId !== undefined && { session: place.sessionId }),
      ...(form.where === 'folder' && below !== undefined && { folder: below }),
      ...(end !== null && { ...end, madeAt: new Date(place.nowMs).toISOString() }),
    },
  };
}

/** The next morning by this machine's clock. */
function tomorrow(nowMs: number): Date {
  const then = new Date(nowMs);
  then.setDate(then.getDate() + 1);
  then.setHours(MORNING_HOUR, 0, 0, 0);
  return then;
}
