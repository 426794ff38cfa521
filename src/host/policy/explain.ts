import { visibleLine } from '../../base/visible-text.ts';
import type { CheckedCall } from '../../protocol/rules/check.ts';
import type { AgentProfile, Unasked } from '../agents/profile.ts';
import type { CallFacts } from './facts/call-facts.ts';
import type { JudgedCall, Matches } from './match/judge-call.ts';
import type { Judgement } from './policy.ts';
import { isWithin } from './paths/resolve.ts';
import { coverage } from './shell/match.ts';

const MAX_SAID = 20;

/** How a judgement came about, step by step: how the call was read, what matches, what wins. */
export function explain(
  judged: JudgedCall,
  { judgement, matches }: { judgement: Judgement; matches: Matches },
  profile: AgentProfile | null,
): CheckedCall {
  const { decision, rule, risk, asks } = judgement;
  const steps = [
    ...asRead(judged.facts),
    ...asTouching(judged.touched),
    ...asMatching(matches),
    ...asLeftOver(judged, judgement),
    verdict(judgement),
  ];
  return {
    decision,
    rule,
    risk,
    asks,
    steps: steps.map(visibleLine),
    notEnforceable: notEnforceable(judged, profile),
  };
}

function asRead(facts: CallFacts): string[] {
  const { kind, commands, paths, hosts, mcp, unknown, opaque } = facts;
  const steps = [`It is a call of the kind ${kind}, in ${facts.cwd}.`];
  for (const line of commands) {
    const said = line.commands.map(({ forms }) =>
      (forms[0]?.words ?? []).map(({ source }) => source).join(' '),
    );
    steps.push(`It runs: ${some(said, ' · ') || 'nothing that can be told'}.`);
    for (const why of line.opaque) steps.push(`It cannot be read for certain: ${why}.`);
  }
  for (const why of opaque) steps.push(`It cannot be read for certain: ${why}.`);
  if (paths.length > 0)
    steps.push(`Paths: ${some(paths.map(({ act, forms }) => `${act} ${forms.join(' or ')}`))}.`);
  if (hosts.length > 0) steps.push(`Hosts: ${some(hosts.map(({ host }) => host))}.`);
  if (mcp !== null)
    steps.push(
      `MCP: ${some(
        mcp.readings.map(({ server, tool }) => `${server}/${tool}`),
        ' or ',
      )}.`,
    );
  const missing = [...unknown].filter((part) => part !== 'hosts' || hosts.length > 0);
  if (missing.length > 0)
    steps.push(`Not told whole, so that no rule about it allows: ${missing.sort().join(', ')}.`);
  return steps;
}

function asTouching(touched: readonly string[]): string[] {
  if (touched.length === 0) return [];
  return [`It touches Porchlight itself (${some(touched)}): no rule allows that.`];
}

function asMatching({ denying, asking, perhaps, allowing }: Matches): string[] {
  const texts = (rules: Matches['denying']) => rules.map(({ sourced }) => said(sourced.ref));
  const steps: string[] = [];
  if (denying.length > 0) steps.push(`These deny it: ${some(texts(denying), '; ')}.`);
  if (asking.length > 0) steps.push(`These ask: ${some(texts(asking), '; ')}.`);
  if (perhaps.length > 0)
    steps.push(`Nobody can say whether these deny it: ${some(texts(perhaps), '; ')}.`);
  if (allowing.length > 0) steps.push(`These allow it: ${some(texts(allowing), '; ')}.`);
  return steps;
}

/** Of a command that no rule allows: which of its parts are left over. */
function asLeftOver({ facts, place, rules, now }: JudgedCall, { asks }: Judgement): string[] {
  if (asks?.because !== 'noRule' || facts.commands.length === 0) return [];
  const words = [...new Set(rules.allow.near(facts, place))]
    .filter((rule) => rule.holds(facts, place, now) && rule.coversAll(facts))
    .flatMap((rule) => rule.words ?? []);
  return facts.commands.flatMap((line) => {
    const { commands, writes } = coverage(line, words, { cwd: facts.cwd });
    const left = commands.filter(({ why }) => why !== null);
    return [
      ...left
        .slice(0, MAX_SAID)
        .map(({ command, why }) => `${command.words[0]?.source ?? 'A command'}: ${why}.`),
      ...writes
        .slice(0, MAX_SAID)
        .map(({ source }) => `${source} is written: a rule must allow that.`),
    ];
  });
}

function verdict({ decision, rule, asks }: Judgement): string {
  if (decision !== 'ask')
    return `So it is ${decision === 'allow' ? 'allowed' : 'denied'}: ${rule === null ? '' : said(rule)}.`;
  switch (asks?.because) {
    case 'porchlight':
      return 'So it asks, whatever the rules say.';
    case 'rule':
      return 'So it asks: ask wins over allow.';
    case 'unreadable':
      return 'So it asks: what cannot be read is never allowed by a rule.';
    case 'question':
      return 'So it asks: a question is never answered by a rule.';
    case 'noRule':
    case undefined:
      return 'So it asks: no rule allows it.';
  }
}

function said({ source, text }: { source: string; text: string }): string {
  return `${text} (${source})`;
}

function some(all: readonly string[], joint = ', '): string {
  const more = all.length > MAX_SAID ? `${joint}and ${all.length - MAX_SAID} more` : '';
  return all.slice(0, MAX_SAID).join(joint) + more;
}

/** Set where the agent would not ask about such a call in that mode, so that no rule binds it. */
function notEnforceable(judged: JudgedCall, profile: AgentProfile | null): string | null {
  const { mode } = judged.place;
  if (profile === null || mode === null) return null;
  const found = profile.unasked?.find((each) => isUnasked(each, judged));
  if (found === undefined) return null;
  return `${profile.name} may not ask about this in the mode ${mode}: ${found.why}`;
}

function isUnasked({ modes, kinds, mcp, inFolder, simple }: Unasked, judged: JudgedCall): boolean {
  const { facts, place, world } = judged;
  if (place.mode === null || !modes.includes(place.mode)) return false;
  if (mcp === true) return facts.mcp !== null;
  if (kinds !== undefined && !kinds.some((kind) => kind === facts.kind)) return false;
  const commands = facts.commands.flatMap((line) => line.commands);
  if (simple === true && !commands.every(({ placeFree }) => placeFree)) return false;
  return (
    inFolder !== true ||
    facts.paths.every(({ forms }) => forms.every((form) => isWithin(form, facts.cwd, world)))
  );
}
