import {
  commandIdSchema,
  instanceIdSchema,
  type InstanceId,
  type SessionId,
} from '../../../src/protocol/ids.ts';
import type { ChangedFile, Changes } from '../../../src/protocol/session/workspace.ts';
import type { FakeHost } from '../../fakes/fake-host.ts';

const COMMAND = commandIdSchema.parse('01938f00-0000-7000-8000-000000000002');
export const ROOT = '/home/ada/porch-blog';
const WORKTREES = '/home/ada/.porchlight/worktrees';

export const PATCH = `diff --git a/src/slugify.ts b/src/slugify.ts
index 1111111..2222222 100644
--- a/src/slugify.ts
+++ b/src/slugify.ts
@@ -1,3 +1,7 @@
 export function slugify(title: string): string {
-  return title.toLowerCase().replace(' ', '-');
+  return title
+    .normalize('NFD')
+    .toLowerCase()
+    .replace(/[^a-z0-9]+/g, '-')
+    .replace(/^-+|-+$/g, '');
 }
@@ -40,3 +44,4 @@ export function unslug(slug: string): string {
   const words = slug.split('-');
+  if (words.length === 0) return '';
   return words.join(' ');
 }
diff --git a/tests/slugify.test.ts b/tests/slugify.test.ts
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/tests/slugify.test.ts
@@ -0,0 +1,3 @@
+import { slugify } from '../src/slugify.ts';
+
+test('keeps no umlaut', () => expect(slugify('Über uns')).toBe('uber-uns'));
diff --git a/docs/logo.png b/docs/logo.png
index 4444444..5555555 100644
Binary files a/docs/logo.png and b/docs/logo.png differ
`;

export const FILES: ChangedFile[] = [
  {
    path: 'docs/logo.png',
    status: 'modified',
    insertions: 0,
    deletions: 0,
    binary: true,
  },
  { path: 'src/slugify.ts', status: 'modified', insertions: 6, deletions: 1, binary: false },
  { path: 'tests/slugify.test.ts', status: 'added', insertions: 3, deletions: 0, binary: false },
];

export const CHANGES: Changes = {
  files: FILES,
  total: FILES.length,
  insertions: 9,
  deletions: 1,
  branch: 'porchlight/a-slug-for-every-title',
  base: 'main',
  commits: 2,
  uncommitted: true,
  landed: false,
};

/** As many files as a host lists, in nested folders. */
export function manyFiles(count: number): ChangedFile[] {
  return Array.from({ length: count }, (_, i) => ({
    path: `packages/part-${String(i % 40).padStart(2, '0')}/src/generated/module-${i}.ts`,
    status: 'modified' as const,
    insertions: (i % 90) + 1,
    deletions: i % 7,
    binary: false,
  })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function inWorktree(host: FakeHost, title: string, slug: string): SessionId {
  const id = host.addSession({
    agent: 'claude',
    title,
    cwd: `${WORKTREES}/${slug}`,
    worktree: `${WORKTREES}/${slug}`,
    origin: {
      root: ROOT,
      branch: `porchlight/${slug}`,
      base: 'main',
      baseCommit: 'ab'.repeat(20),
    },
  });
  host.append(id, { type: 'worktree.made', path: `${WORKTREES}/${slug}`, copied: 1 });
  return id;
}

export function turn(host: FakeHost, id: SessionId, text: string): void {
  host.append(id, {
    type: 'prompt.queued',
    commandId: COMMAND,
    prompt: [{ type: 'text', text }],
    by: 'window',
  });
  host.append(id, { type: 'turn.started', turn: 1, commandId: COMMAND });
  host.append(id, { type: 'agent.text', text: 'I begin with the tests.', messageId: 'm1' });
}

export function interrupt(host: FakeHost, id: SessionId): void {
  gone(host, id, false);
  host.append(id, {
    type: 'turn.ended',
    turn: 1,
    outcome: 'interrupted',
    problem: {
      message: 'The agent’s process was ended from outside (SIGKILL).',
      kind: 'exited',
    },
  });
}

/** Its process ends; `hibernated` because it was idle. */
export function gone(host: FakeHost, id: SessionId, hibernated: boolean): void {
  host.append(id, {
    type: 'agent.exited',
    instance: instanceOf(host, id),
    expected: hibernated,
    ...(hibernated && { hibernated }),
    code: hibernated ? 0 : null,
    signal: hibernated ? null : 'SIGKILL',
  });
}

function instanceOf(host: FakeHost, id: SessionId): InstanceId {
  return host.session(id).state.instance ?? instanceIdSchema.parse(host.newId('i'));
}

/** Sessions that stand still for each reason, two that share a folder, one in a worktree. */
export function fillStill(host: FakeHost, nowMs: number): SessionId {
  const cut = host.addSession({
    agent: 'claude',
    title: 'Sort the invoices',
    cwd: '/home/ada/shop',
  });
  turn(host, cut, 'Sort them by month.');
  host.append(cut, {
    type: 'prompt.queued',
    commandId: commandIdSchema.parse('01938f00-0000-7000-8000-000000000003'),
    prompt: [{ type: 'text', text: 'Then send the overdue ones.' }],
    by: 'window',
  });
  interrupt(host, cut);
  const parked = host.addSession({
    agent: 'claude',
    title: 'Port the importer',
    cwd: '/home/ada/importer',
  });
  turn(host, parked, 'Port it to streams.');
  host.append(parked, { type: 'turn.ended', turn: 1, outcome: 'limited' });
  host.append(parked, {
    type: 'session.parked',
    until: new Date(nowMs + 130 * 60_000).toISOString(),
    reason: 'Claude Code has used up its allowance for now.',
    attempt: 2,
  });
  const asleep = host.addSession({
    agent: 'claude',
    title: 'Mend the sensor',
    cwd: '/home/ada/weather-station',
  });
  turn(host, asleep, 'Mend it.');
  host.append(asleep, { type: 'turn.ended', turn: 1, outcome: 'completed' });
  gone(host, asleep, true);
  host.addSession({
    agent: 'opencode',
    title: 'Name the stations',
    cwd: '/home/ada/weather-station',
    shared: true,
  });
  const ended = host.addSession({ agent: 'claude', title: 'Old notes', cwd: '/home/ada/notes' });
  host.append(ended, { type: 'session.ended', by: 'window' });
  const main = inWorktree(host, 'A slug for every title', 'a-slug-for-every-title');
  turn(host, main, 'Repair slugify and prove it with a test.');
  host.append(main, { type: 'turn.ended', turn: 1, outcome: 'completed' });
  host.changes = { ...CHANGES, patch: PATCH };
  host.looks.set(ROOT, { git: { root: ROOT, branch: 'main' }, sessions: [asleep] });
  host.conversations = [
    {
      agentSession: 'c1',
      title: 'Why does the build take nine minutes?',
      cwd: ROOT,
      updatedAt: new Date(nowMs - 20 * 60_000).toISOString(),
      sessionId: null,
    },
    {
      agentSession: 'c2',
      title: 'Mend the sensor',
      cwd: '/home/ada/weather-station',
      updatedAt: new Date(nowMs - 3 * 86_400_000).toISOString(),
      sessionId: asleep,
    },
    {
      agentSession: 'c3',
      title: '',
      cwd: '/home/ada/a folder with a very long name, spaces and “quotes”/deep/down/below',
      updatedAt: null,
      sessionId: null,
    },
  ];
  return main;
}
