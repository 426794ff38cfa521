import { describe, expect, test } from 'vitest';
import { batchGroups, commonFolder } from '../../../../../renderer/features/batch/batch-groups.ts';
import type { Approval } from '../../../../../src/protocol/approval/approval.ts';
import { approvalIdSchema, sessionIdSchema } from '../../../../../src/protocol/ids.ts';

const one = sessionIdSchema.parse('s_000000000001');
const two = sessionIdSchema.parse('s_000000000002');
let next = 0;

function edit(path: string, given: Partial<Approval> = {}): Approval {
  next += 1;
  return {
    id: approvalIdSchema.parse(`a_${String(next).padStart(12, '0')}`),
    sessionId: one,
    kind: 'edit',
    title: path,
    hash: '0'.repeat(64),
    call: { tool: 'Edit', input: {}, locations: [{ path }], diff: [] },
    options: [
      { optionId: 'y', name: 'Yes', kind: 'allow_once' },
      { optionId: 'n', name: 'No', kind: 'reject_once' },
    ],
    createdAt: new Date(Date.UTC(2026, 10, 21, 8, 0, 60 - next)).toISOString(),
    expiresAt: null,
    risk: { level: 'low', marks: [] },
    ...given,
  };
}
const groups = (approvals: Approval[]) =>
  batchGroups(approvals, () => '/blog').map(({ kind, sessionId, under, approvals: found }) => ({
    kind,
    sessionId,
    under,
    titles: found.map(({ title }) => title),
  }));

describe('approvals to decide at once', () => {
  test('are of one session and one kind, oldest first, below a folder that is named', () => {
    expect(
      groups([
        edit('/blog/src/a.ts'),
        edit('/blog/src/deep/b.ts'),
        edit('/blog/src/c.ts', { sessionId: two }),
        edit('/blog/src/d.ts', { kind: 'read' }),
      ]),
    ).toEqual([
      {
        kind: 'edit',
        sessionId: one,
        under: 'src/',
        titles: ['/blog/src/deep/b.ts', '/blog/src/a.ts'],
      },
    ]);
  });

  test('are never of high or unknown risk, never a question, never for a person who must prove to be there', () => {
    expect(
      groups([
        edit('/blog/a', { risk: { level: 'high', marks: [] } }),
        edit('/blog/b', { risk: { level: 'highest', marks: [] } }),
        edit('/blog/c', { risk: undefined }),
        edit('/blog/d', { decider: { role: 'approver', fresh: true } }),
        edit('/blog/e', { options: [] }),
        edit('/blog/f', { kind: 'question' }),
        edit('/blog/g', { kind: 'question' }),
        edit('/blog/h'),
      ]),
    ).toEqual([]);
  });

  test('name the deepest folder that all share', () => {
    expect([
      commonFolder(['src/a/x.ts', 'src/a/y.ts']),
      commonFolder(['src/a/x.ts', 'src/ab/y.ts']),
      commonFolder(['x.ts', 'src/y.ts']),
      commonFolder(['C:\\blog\\src\\x.ts', 'C:\\blog\\y.ts']),
      commonFolder([]),
    ]).toEqual(['src/a/', 'src/', '', 'C:/blog/', '']);
  });
});
