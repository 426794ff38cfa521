import type { SourcedRule } from '../../../src/host/policy/rule-sets.ts';
import { ruleSchema, type Rule } from '../../../src/protocol/rules/rule.ts';
import { ruleText } from '../../../src/protocol/rules/rule-text.ts';

const WORDS = ['api', 'web', 'core', 'auth', 'docs', 'build', 'tools', 'data', 'mail', 'jobs'];
const PROGRAMS = [
  'npm run',
  'git',
  'cargo',
  'go',
  'make',
  'python3 -m',
  'docker',
  'kubectl',
  'terraform',
  'yarn',
];

/** One of each kind of rule in turn, no two alike. */
const KINDS: readonly ((n: number, word: string) => Partial<Rule>)[] = [
  (n, word) => ({ command: `${PROGRAMS[n % PROGRAMS.length] ?? 'npm run'} ${word}-${n}` }),
  (n, word) => ({ command: `npm run ${word}:${n}`, folder: `/home/ada/${word}` }),
  (n, word) => ({ path: `packages/${word}-${n}/**` }),
  (n, word) => ({ kind: 'edit', path: `**/${word}${n}/*.ts` }),
  (n, word) => ({ path: `~/${word}/${n}/**/*.{json,yml}` }),
  (n, word) => ({ path: `**/*.${word}${n}` }),
  (n, word) => ({ host: `${word}-${n}.example.com` }),
  (n, word) => ({ host: `*.${word}${n}.example.org` }),
  (n, word) => ({ mcp: `${word}/tool_${n}` }),
  (n) => ({ kind: 'edit', session: `s_${String(n).padStart(12, '0')}` as Rule['session'] }),
  (n, word) => ({ kind: 'execute', folder: `/home/ada/${word}/${n}` }),
  (n, word) => ({ kind: 'edit', branch: `${word}/${n}-*`, agent: 'codex' }),
];

/** Rules of all kinds, as many as there may be: mostly allowing, some denying and asking. */
export function manyRules(count: number): SourcedRule[] {
  return Array.from({ length: count }, (_, n) => {
    const kind = KINDS[n % KINDS.length];
    const decision = n % 10 === 7 ? 'deny' : n % 10 === 8 ? 'ask' : 'allow';
    const rule = ruleSchema.parse({
      decision,
      ...kind?.(n, WORDS[Math.floor(n / 12) % WORDS.length] ?? ''),
    });
    return {
      ref: { source: 'user', id: String(n), text: ruleText(rule) },
      rule,
      mayLoosen: true,
      project: null,
    };
  });
}
