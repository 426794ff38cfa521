import { commandIdSchema, type SessionId } from '../../../src/protocol/ids.ts';
import type { FakeHost } from '../../fakes/fake-host.ts';
import {
  approval,
  conversation,
  editApproval,
  fill,
  question,
} from '../../e2e/support/window-scenes.ts';

const CWD = '/home/ada/porch-blog';

export interface PhoneScene {
  /** Three approvals wait in it. */
  readonly main: SessionId;
  /** At rest, with a conversation. */
  readonly calm: SessionId;
  readonly busy: SessionId;
  readonly failed: SessionId;
  /** Works in a worktree of its own. */
  readonly tree: SessionId;
}

const PATCH = `diff --git a/src/slugify.ts b/src/slugify.ts
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
diff --git a/docs/a-rather-long-folder-name/notes-on-slugs.md b/docs/a-rather-long-folder-name/notes-on-slugs.md
new file mode 100644
--- /dev/null
+++ b/docs/a-rather-long-folder-name/notes-on-slugs.md
@@ -0,0 +1 @@
+A slug is a title that a path can hold.
`;

/** Sessions in every state a phone shows, and places to start another one. */
export function fillPhone(host: FakeHost): PhoneScene {
  const main = fill(host);
  const found = (title: string): SessionId => {
    for (const [id, { state }] of host.sessions) if (state.title === title) return id;
    throw new Error(`There is no session ${title}.`);
  };
  const command = commandIdSchema.parse('01938f00-0000-7000-8000-0000000000aa');
  host.append(main, {
    type: 'prompt.queued',
    commandId: command,
    prompt: [{ type: 'text', text: 'Then write it up in the handbook, with an example.' }],
    by: 'window',
  });
  const longCommand = approval(host, main, {
    call: {
      tool: 'Bash',
      input: {
        command:
          'find . -name "*.test.ts" -not -path "./node_modules/*" -print0 \\\n  | xargs -0 npx vitest run --reporter=verbose --coverage.enabled --coverage.reporter=text',
        description: 'Run every test with coverage',
      },
      locations: [],
      diff: [],
    },
  });
  for (const one of [editApproval(host, main, CWD), longCommand, question(host, main)])
    host.append(main, { type: 'approval.opened', approval: one });

  const calm = host.addSession({ agent: 'claude', title: 'Umlauts in slugs', cwd: CWD });
  for (const body of conversation(CWD)) host.append(calm, body);
  host.append(calm, { type: 'turn.ended', turn: 1, outcome: 'completed' });

  const tree = host.addSession({
    agent: 'claude',
    title: 'Slugs in a worktree',
    cwd: `${CWD}/.worktrees/slugs`,
    worktree: `${CWD}/.worktrees/slugs`,
    origin: { root: CWD, branch: 'porchlight/slugs', base: 'main', baseCommit: '0'.repeat(40) },
  });
  host.changes = {
    files: [
      { path: 'src/slugify.ts', status: 'modified', insertions: 5, deletions: 1, binary: false },
      {
        path: 'docs/a-rather-long-folder-name/notes-on-slugs.md',
        status: 'added',
        insertions: 1,
        deletions: 0,
        binary: false,
      },
    ],
    total: 2,
    insertions: 6,
    deletions: 1,
    branch: 'porchlight/slugs',
    base: 'main',
    commits: 1,
    uncommitted: true,
    landed: false,
    patch: PATCH,
  };
  host.handlers['folder.places'] = () => ({
    recent: [CWD, '/home/ada/handbook'],
    roots: ['/home/ada/code'],
  });
  host.handlers['folder.list'] = ({ path = '/' }) => ({
    path,
    parent: path === '/home/ada/code' ? null : '/home/ada/code',
    folders: path === '/home/ada/code' ? ['weather-station', 'shop'] : [],
    git: path !== '/home/ada/code',
  });
  host.looks.set('/home/ada/code/shop', {
    git: { root: '/home/ada/code/shop', branch: 'main' },
    sessions: [],
  });
  return {
    main,
    calm,
    tree,
    busy: found('Translate the handbook'),
    failed: found('Upgrade the build'),
  };
}
