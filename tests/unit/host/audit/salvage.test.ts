import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { salvage } from '../../../../src/host/event-log/salvage/salvage.ts';
import { eventBodySchema } from '../../../../src/protocol/session/events.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { LookThrough } from '../../../../src/host/audit/look-through.ts';
import { auditHome, now } from './support.ts';

const sessionId = 's_aaaaaaaaaaa1' as SessionId;

test('what can be read of the audit log of a damaged history is kept, and a restored history says so once', async () => {
  const home = auditHome();
  const created = { type: 'session.created', sessionId, agent: 'demo', cwd: '/', worktree: null };
  const event = eventBodySchema.parse({ ...created, mode: 'ask', title: 'one', by: 'cli' });
  home.log.commit((tx) => tx.append(sessionId, event));
  home.note(300);
  const entries = home.entries();
  const path = join(home.folder, 'porchlight.db');
  const into = join(home.folder, 'saved.db');
  await salvage(path, into, { nowIso: now().toISOString(), onProgress: () => {} });
  home.store.close();
  copyFileSync(into, path);
  home.reopen();
  expect(home.entries()).toEqual(entries);
  // Another file with another epoch: as after a restore.
  home.trail.noteRestored();
  home.trail.noteRestored();
  home.log.forget(sessionId);
  home.note();
  expect(home.entries().map(({ kind }) => kind)).toEqual([
    ...entries.map(({ kind }) => kind),
    ...['restored', 'decided'],
  ]);
  const seen = { n: 900, hash: 'a'.repeat(64) };
  const through = new LookThrough(home.store.audit);
  expect((await through.verify()).ok).toBe(true);
  expect((await through.verify(seen)).why).toContain('restored from a copy');
  home.end();
});
