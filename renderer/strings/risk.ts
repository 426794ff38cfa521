import type {
  AsksBecause,
  ExpiryAct,
  Receipt,
  RiskLevel,
  RiskMarkKind,
} from '../../src/protocol/approval/approval.ts';

/** What a card says of a call besides the call itself. */
export const risk = {
  levels: {
    low: 'Low',
    elevated: 'Elevated',
    high: 'High',
    highest: 'Highest',
  } satisfies Record<RiskLevel, string>,
  marks: {
    outsideWorkspace: 'Reaches outside its folder',
    deletes: 'Deletes',
    network: 'Reaches the network',
    secrets: 'Touches secrets',
    privilege: 'Takes higher rights',
    gitHistory: 'Changes git history',
    installs: 'Installs software',
    porchlight: 'Touches Porchlight itself',
    unreadable: 'Its text does not tell what it does',
    lookAlike: 'Has signs that are not what they look like',
    other: 'Look closely',
  } satisfies Record<RiskMarkKind, string>,
  asksLabel: 'Asks',
  asks: {
    noRule: 'No rule covers it.',
    rule: 'A rule says to ask.',
    porchlight: 'What touches Porchlight itself is always asked.',
    unreadable: 'What cannot be read is always asked.',
    question: '',
  } satisfies Record<AsksBecause['because'], string>,
  fresh: 'On a phone, whoever allows it proves to be there.',
  mode: 'Mode',
  worktree: (branch: string) => `worktree, branch ${branch}`,
  expires: 'Until',
  onExpiry: {
    stay: 'then it waits on',
    deny: 'then it is denied',
    park: 'then the session is parked',
  } satisfies Record<ExpiryAct, string>,
  sure: {
    high: 'The risk is high. Allow it this once?',
    highest: 'The risk is the highest there is. Allow it this once?',
  },
  sureNot: 'Not now',
  sureDo: 'Allow this once',
  more: 'More…',
  less: 'Less',
  receipts: {
    decided: 'on its way to the agent',
    delivered: 'the agent has it',
    finished: 'done',
    failed: 'failed',
  } satisfies Record<Receipt, string>,
  byRule: (allowed: boolean, text: string) =>
    `${allowed ? 'Allowed' : 'Denied'} by a rule: ${text}`,
  person: (words: string, person: string) => `${words} · ${person}`,
  edited: 'Asked for another call instead',
} as const;
