import { posix } from 'node:path';
import type { Rule, RuleProposal } from '../../protocol/rules/rule.ts';
import { ruleText } from '../../protocol/rules/rule-text.ts';
import type { CallFacts } from './facts/call-facts.ts';
import { compileRules } from './match/compile-rules.ts';
import { isUnreadable, judgeCall, type JudgedCall } from './match/judge-call.ts';
import { isWithin } from './paths/resolve.ts';
import type { CompiledRules } from './rule-sets.ts';
import { proposeWords, ruleText as shellText } from './shell/propose-words.ts';

interface Idea {
  readonly rule: Omit<Rule, 'decision'>;
  readonly means: string;
  /** It lets through this call, and others only in what comes after its words. */
  readonly isExact: boolean;
}

const MAX_PROPOSALS = 6;

/**
 * Rules that would let a call through from now on, narrowest first. None for what touches Porchlight,
 * cannot be read, or is held by a rule that denies or asks; of a high risk only the call itself.
 */
export function propose(judged: JudgedCall): RuleProposal[] {
  const { facts, risk, place } = judged;
  const { judgement, matches } = judgeCall(judged);
  if (judgement.decision !== 'ask' || judgement.asks?.because !== 'noRule') return [];
  if (isUnreadable(facts) || matches.asking.length > 0 || facts.kind === 'switch_mode') return [];
  const isHigh = risk.level === 'high' || risk.level === 'highest';
  const folder = place.base ?? place.cwd;
  const seen = new Set<string>();
  return ideas(facts, judged)
    .filter(({ isExact }) => isExact || !isHigh)
    .map(({ rule, means }): RuleProposal => {
      const whole: Rule = { decision: 'allow', agent: place.agent, ...rule, folder };
      return {
        rule: whole,
        text: ruleText(whole),
        means: `${means}, in ${folder}, by ${place.agent}`,
      };
    })
    .filter(({ rule, text }) => !seen.has(text) && seen.add(text) && letsThrough(rule, judged))
    .slice(0, MAX_PROPOSALS);
}

function ideas(facts: CallFacts, judged: JudgedCall): Idea[] {
  if (facts.commands.length > 0) return commandIdeas(facts);
  if (facts.mcp !== null) return mcpIdeas(facts);
  if (facts.kind === 'fetch') return hostIdeas(facts);
  return pathIdeas(facts, judged);
}

function commandIdeas(facts: CallFacts): Idea[] {
  const { commands } = facts;
  const [line] = commands;
  if (line === undefined || commands.length > 1) return [];
  const exact = line.commands.flatMap(({ forms }): Idea[] => {
    const words = (forms[0]?.words ?? []).map(({ text }) => text);
    const known = words.filter((word) => word !== null);
    if (known.length < words.length) return [];
    const command = shellText(known);
    return [{ rule: { command }, isExact: true, means: `\`${command}\` and what follows it` }];
  });
  const words = proposeWords(line, { cwd: facts.cwd }).map((command): Idea => {
    return { rule: { command }, isExact: false, means: `each \`${command} …\`` };
  });
  return [...exact, ...words];
}

function mcpIdeas({ mcp }: CallFacts): Idea[] {
  const [reading, ...others] = mcp?.readings ?? [];
  if (reading === undefined) return [];
  const { server, tool } = reading;
  const one: Idea = {
    rule: { mcp: `${server}/${tool}` },
    isExact: true,
    means: `the tool ${tool} of ${server}, with whatever it is given`,
  };
  const all: Idea = {
    rule: { mcp: `${server}/*` },
    isExact: false,
    means: `each tool of ${server}`,
  };
  return others.length === 0 ? [one, all] : [one];
}

function hostIdeas({ kind, hosts }: CallFacts): Idea[] {
  const [host, ...others] = hosts;
  if (host === undefined || others.length > 0 || kind !== 'fetch') return [];
  const plain = host.port === null || host.port === 443 || host.port === 80;
  const name = plain ? host.host : `${host.host}:${host.port}`;
  return [{ rule: { kind, host: name }, isExact: false, means: `each page of ${name}` }];
}

function pathIdeas(facts: CallFacts, { world }: JudgedCall): Idea[] {
  const { kind, paths, cwd } = facts;
  if (kind === 'question') return [];
  if (paths.length === 0)
    return kind === 'think' || kind === 'search'
      ? [{ rule: { kind }, isExact: false, means: `each call of the kind ${kind}` }]
      : [];
  const forms = paths.flatMap((path) => path.forms).map((form) => form.replaceAll('\\', '/'));
  const isInside = forms.every((form) => isWithin(form, cwd, world));
  const from = cwd.replaceAll('\\', '/');
  const named = forms.map((form) => (isInside ? posix.relative(from, form) : form));
  const does = kind === 'edit' ? 'changes to' : `${kind} of`;
  const found: Idea[] = [];
  const [one] = named;
  if (one !== undefined && one !== '' && new Set(named).size === 1)
    found.push({ rule: { kind, path: escaped(one) }, isExact: true, means: `${does} ${one}` });
  const common = commonFolder(named.map((path) => posix.dirname(path)));
  if (common !== '.' && common !== '/' && common !== '')
    found.push({
      rule: { kind, path: `${escaped(common)}/**` },
      isExact: false,
      means: `${does} all below ${common}`,
    });
  if (isInside)
    found.push({
      rule: { kind, path: '**' },
      isExact: false,
      means: `${does} all below the folder of the session`,
    });
  return found;
}

function commonFolder(folders: readonly string[]): string {
  const [first = '', ...rest] = folders;
  const parts = first.split('/');
  let shared = parts.length;
  for (const folder of rest) {
    const others = folder.split('/');
    let at = 0;
    while (at < shared && parts[at] === others[at]) at += 1;
    shared = at;
  }
  return parts.slice(0, shared).join('/');
}

function escaped(path: string): string {
  return path.replace(/[*?[\]{}\\]/gu, '\\$&');
}

/** With the rules that there are and this one more, would the call go through? */
function letsThrough(rule: Rule, judged: JudgedCall): boolean {
  const { rules, world } = judged;
  const ref = { source: 'user', id: 'proposed', text: '' } as const;
  const added = compileRules([{ ref, rule, mayLoosen: true, project: null }], world);
  const both: CompiledRules = {
    ...rules,
    allow: {
      *near(facts, place) {
        yield* rules.allow.near(facts, place);
        yield* added.allow.near(facts, place);
      },
    },
  };
  return judgeCall({ ...judged, rules: both }).judgement.decision === 'allow';
}
