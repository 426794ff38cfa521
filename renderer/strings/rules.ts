import type { AsksBecause } from '../../src/protocol/approval/approval.ts';
import type { RuleDecision, RuleFile } from '../../src/protocol/rules/rule.ts';
import type { RuleSource } from '../../src/protocol/rules/rule-ref.ts';
import { count } from './count.ts';

/** Words of the rules, and of the log that says what they did. */
export const rules = {
  title: 'Rules',
  open: 'Rules',
  loading: 'Looking…',
  failed: 'The rules could not be read:',
  order:
    'Of all rules that fit a call, deny wins over ask, and ask over allow. Where none fits, you are asked.',
  none: 'No rules yet. A card’s “Always allow…” makes one, or add one here.',
  sources: {
    user: 'Yours',
    project: 'Of projects',
    policy: 'Of the administrator',
    builtIn: 'Built in, for good',
  } satisfies Record<RuleSource, string>,
  count: (n: number) => count(n, 'rule', 'rules'),
  more: (n: number) => `Show ${n} more`,
  until: (when: string) => `Until ${when}`,
  usesLeft: (n: number) => `${count(n, 'use', 'uses')} left`,
  notInForce: (why: string) => `Not in force: ${why}`,
  remove: 'Remove',
  removed: (text: string) => `Removed: ${text}`,
  undo: 'Put it back',
  add: 'Add a rule…',
  addTitle: 'A new rule',
  save: 'Save the rule',
  decision: 'What it does',
  decisions: {
    allow: 'Allow without asking',
    deny: 'Deny without asking',
    ask: 'Always ask',
  } satisfies Record<RuleDecision, string>,
  about: 'About',
  abouts: { command: 'A command', path: 'Files', host: 'A host', mcp: 'A tool of a server' },
  hints: {
    command: 'Its first words: npm test',
    path: 'A glob: src/**, ~/notes/*.md',
    host: 'registry.npmjs.org, *.example.com',
    mcp: 'server/tool, or server/*',
  },
  note: 'Note',
  files: 'Files',
  fileStates: {
    ok: 'in force',
    none: 'not there',
    bad: 'cannot be read as rules; the last good ones hold',
    untrusted: 'not trusted: only what tightens holds',
  } satisfies Record<RuleFile['state'], string>,
  trustTitle: (folder: string) => `Let the rules of ${folder} loosen too?`,
  trustBody:
    'They came with the project. Until you trust them only their “deny” and “ask” hold. Trust ends when the file changes.',
  trust: 'Trust these rules',
  distrust: 'No longer trust them',
  check: {
    title: 'What would happen to…',
    about: 'Call',
    cwd: 'In the folder',
    agent: 'Agent',
    anyAgent: 'Any',
    go: 'Check',
    allow: 'It would run without asking.',
    deny: 'It would be denied without asking.',
    ask: 'You would be asked.',
    by: 'Decided by',
    noRule: 'No rule fits.',
    risk: 'Risk',
    steps: 'Step by step',
    needFolder: 'Write the whole path of the folder.',
    empty: 'Write the call.',
  },
  asks: {
    noRule: 'Because no rule covers it.',
    rule: 'Because a rule says to ask.',
    porchlight: 'Because it touches Porchlight itself.',
    unreadable: 'Because its text does not tell what it does.',
    question: '',
  } satisfies Record<AsksBecause['because'], string>,
} as const;
