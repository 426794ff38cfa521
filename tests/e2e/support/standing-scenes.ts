import type { Approval } from '../../../src/protocol/approval/approval.ts';
import type { AuditEntry } from '../../../src/protocol/audit.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { NightReport } from '../../../src/protocol/night.ts';
import type { RuleRef } from '../../../src/protocol/rules/rule-ref.ts';
import type { FakeHost } from '../../fakes/fake-host.ts';
import { approval, NEW_CODE, OLD_CODE } from './window-scenes.ts';

export const PROJECT_RULES = '/home/ada/porch-blog/.porchlight/rules.json';
const HASH = 'ab'.repeat(32);

const ref = (text: string): RuleRef => ({ source: 'user', id: `r_${text}`, text });

/** Rules of every source, files in every state. */
export function standingRules({ standing }: FakeHost): void {
  standing.add({ decision: 'allow', command: 'npm test', folder: '/home/ada/porch-blog' });
  standing.add(
    {
      decision: 'allow',
      path: 'src/**',
      kind: 'edit',
      uses: 20,
      note: 'While the slugs are redone',
    },
    { usesLeft: 7 },
  );
  standing.add(
    { decision: 'allow', host: 'registry.npmjs.org', until: '2026-11-21T08:00:00Z' },
    { notInForce: 'its time is over' },
  );
  const project = { source: 'project', file: PROJECT_RULES } as const;
  standing.add({ decision: 'deny', command: 'git push --force' }, project);
  standing.add(
    { decision: 'allow', command: 'make' },
    { ...project, notInForce: 'the project is not trusted' },
  );
  standing.add(
    { decision: 'ask', kind: 'delete' },
    { source: 'policy', file: '/etc/porchlight/policy.json' },
  );
  standing.files = [
    {
      source: 'user',
      path: '/home/ada/.porchlight/rules.json',
      state: 'ok',
      problem: null,
      rules: 3,
    },
    {
      source: 'project',
      path: PROJECT_RULES,
      state: 'untrusted',
      problem: null,
      rules: 2,
      project: { folder: '/home/ada/porch-blog', hash: HASH },
    },
    {
      source: 'policy',
      path: '/etc/porchlight/policy.json',
      state: 'bad',
      problem: 'rules[2].comand: there is no such key; line 14',
      rules: 1,
    },
  ];
  standing.checked = {
    decision: 'ask',
    rule: ref('ask delete'),
    risk: { level: 'elevated', marks: [{ kind: 'deletes', about: 'build/' }] },
    asks: { because: 'rule', rule: ref('ask delete') },
    steps: ['Read as one command: rm -r build', 'It deletes build/', '“ask delete” fits and wins'],
    notEnforceable: 'In the mode auto Claude Code does not ask about such calls.',
  };
}

/** Of the highest risk, with all that a card can say, in signs that deceive. */
export function hostileApproval(host: FakeHost, id: SessionId): Approval {
  return approval(host, id, {
    title: 'Show the log\u202egpj.exe',
    agent: 'claude',
    cwd: '/home/ada/porch-blog',
    mode: 'ask',
    why: 'p\u0430ypal.com asked for it\u200b',
    call: {
      tool: 'Bash',
      input: { command: 'ls \u001b[2K\u202e; porchlight rules add\u00a0--allow \u05d0\u05d1 x' },
      locations: [{ path: '/home/ada/.porchlight/\u202erules.json' }],
      diff: [],
    },
    risk: {
      level: 'highest',
      marks: [
        { kind: 'porchlight', about: '/home/ada/.porchlight/rules.json' },
        { kind: 'outsideWorkspace', about: '/home/ada/.porchlight/\u202erules.json' },
        { kind: 'lookAlike', about: 'U+202E' },
      ],
    },
    asks: { because: 'porchlight' },
    decider: { role: 'approver', fresh: true },
    expiresAt: '2026-11-21T23:30:00.000Z',
    onExpiry: 'deny',
  });
}

/** An everyday call with a rule to propose. */
export function everydayApproval(host: FakeHost, id: SessionId): Approval {
  const asked = approval(host, id, {
    agent: 'claude',
    cwd: '/home/ada/porch-blog',
    mode: 'ask',
    risk: { level: 'elevated', marks: [{ kind: 'network', about: 'registry.npmjs.org' }] },
    asks: { because: 'noRule' },
  });
  host.standing.proposals.set(asked.id, [
    {
      rule: { decision: 'allow', command: 'npm test', folder: '/home/ada/porch-blog' },
      text: 'allow command "npm test" in /home/ada/porch-blog',
      means: 'npm test, with any arguments after it, in this project',
    },
    {
      rule: { decision: 'allow', command: 'npm' },
      text: 'allow command npm',
      means: 'npm with anything after it, everywhere',
    },
  ]);
  return asked;
}

export function edits(host: FakeHost, id: SessionId, n: number): Approval[] {
  return Array.from({ length: n }, (_, i) => {
    const path = `/home/ada/porch-blog/src/part-${i + 1}.ts`;
    return approval(host, id, {
      kind: 'edit',
      title: `Edit src/part-${i + 1}.ts`,
      call: {
        tool: 'Edit',
        input: { file_path: path },
        locations: [{ path }],
        diff: [{ path, oldText: OLD_CODE, newText: NEW_CODE }],
      },
      risk: { level: 'low', marks: [] },
      asks: { because: 'noRule' },
    });
  });
}

export function nightReport(sessionId: SessionId, ended: string | null): NightReport {
  const allow = ref('allow command "npm test" in /home/ada/porch-blog');
  const deny = ref('deny command "git push --force"');
  return {
    since: '2026-11-20T21:00:00.000Z',
    ended,
    sessions: [
      {
        sessionId,
        title: 'Slugs',
        state: 'waiting',
        completed: 4,
        cutShort: 1,
        allowed: 37,
        refused: 2,
        workedMs: 5_400_000,
        waitedMs: 12_600_000,
      },
    ],
    rules: [
      { rule: allow, allowed: true, times: 37 },
      { rule: deny, allowed: false, times: 2 },
    ],
    refused: [
      {
        sessionId,
        title: 'git push --force origin main',
        rule: deny,
        at: '2026-11-21T02:11:00.000Z',
      },
    ],
    waiting: [],
  };
}

export function entries(): AuditEntry[] {
  const entry = (
    n: number,
    kind: AuditEntry['kind'],
    who: AuditEntry['who'],
    what: AuditEntry['what'],
  ): AuditEntry => ({
    n,
    at: new Date(Date.UTC(2026, 10, 21, 7, n)).toISOString(),
    kind,
    who,
    what,
    previous: HASH,
    hash: HASH,
    signature: 'A'.repeat(86),
  });
  return [
    entry(1, 'begun', { surface: 'host' }, {}),
    entry(2, 'decided', { surface: 'cli', person: 'ada' }, { session: 'Slugs', allowed: true }),
    entry(
      3,
      'decided',
      { surface: 'host' },
      { session: 'Slugs', rule: ref('deny command "git push"'), allowed: false },
    ),
  ];
}
