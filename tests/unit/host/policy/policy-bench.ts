import { claude } from '../../../../src/host/agents/launchers/claude.ts';
import { codex } from '../../../../src/host/agents/launchers/codex.ts';
import { gemini } from '../../../../src/host/agents/launchers/gemini.ts';
import { opencode } from '../../../../src/host/agents/launchers/opencode.ts';
import { compileRules } from '../../../../src/host/policy/match/compile-rules.ts';
import type { PathWorld } from '../../../../src/host/policy/paths/path-world.ts';
import type { AskedCall, CallPlace } from '../../../../src/host/policy/policy.ts';
import type { SourcedRule } from '../../../../src/host/policy/rule-sets.ts';
import type { OwnPlaces } from '../../../../src/host/policy/self/own-places.ts';
import { RulesPolicy } from '../../../../src/host/policy/rules-policy.ts';
import { ruleSchema } from '../../../../src/protocol/rules/rule.ts';
import { ruleText } from '../../../../src/protocol/rules/rule-text.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

export const NOW = Date.parse('2026-11-21T12:00:00Z');
export const OWN: OwnPlaces = {
  roots: ['/home/ada/.porchlight'],
  workplaces: ['/home/ada/.porchlight/worktrees'],
  others: ['/tmp/porchlight-0123456789abcdef', '/opt/porchlight/dist', '/etc/porchlight'],
  ports: () => [4711],
  hosts: () => ['porch.example.net'],
};
const PROFILES = new Map(
  [claude, codex, gemini, opencode].map(({ profile }) => [profile.id, profile]),
);

/** A rule of the user, named by its text. */
export function sourced(rule: object, rest: Partial<SourcedRule> = {}): SourcedRule {
  const parsed = ruleSchema.parse(rule);
  const text = ruleText(parsed);
  return {
    ref: { source: 'user', id: text, text },
    rule: parsed,
    mayLoosen: true,
    project: null,
    ...rest,
  };
}

export function policyOf(
  rules: readonly (object | SourcedRule)[],
  world: PathWorld = memoryFiles({ '/work/app': null }),
): RulesPolicy {
  const compiled = compileRules(
    rules.map((rule) => ('ref' in rule ? (rule as SourcedRule) : sourced(rule))),
    world,
  );
  return new RulesPolicy({
    rules: { current: () => compiled },
    world,
    own: OWN,
    profile: (agent) => PROFILES.get(agent) ?? null,
    now: () => NOW,
  });
}

export function placed(rest: Partial<CallPlace> = {}): CallPlace {
  return {
    sessionId: null,
    agent: 'claude',
    cwd: '/work/app',
    base: null,
    branch: null,
    mode: 'ask',
    ...rest,
  };
}

export function command(text: string, rest: Partial<AskedCall> = {}): AskedCall {
  return {
    kind: 'execute',
    title: text,
    call: { tool: 'Bash', input: { command: text, description: 'x' }, locations: [], diff: [] },
    ...rest,
  };
}

export function edit(path: string, newText = 'new\n'): AskedCall {
  return {
    kind: 'edit',
    title: `Write ${path}`,
    call: {
      tool: 'Write',
      input: { file_path: path, content: newText },
      locations: [{ path }],
      diff: [{ path, oldText: null, newText }],
    },
  };
}

export function fetching(url: string): AskedCall {
  return {
    kind: 'fetch',
    title: `Fetch ${url}`,
    call: { tool: 'WebFetch', input: { url, prompt: 'what is it' }, locations: [], diff: [] },
  };
}

/** What a policy says, in one line. */
export function said(policy: RulesPolicy, asked: AskedCall, place = placed()): string {
  const { decision, rule, asks } = policy.judge(asked, place);
  const why = rule?.text ?? asks?.because ?? '';
  return `${decision}: ${why}`;
}
