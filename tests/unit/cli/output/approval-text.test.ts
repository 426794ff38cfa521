import { describe, expect, it } from 'vitest';
import { approvalText } from '../../../../src/cli/output/approval-text.ts';
import { approvalSchema } from '../../../../src/protocol/approval/approval.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');

function text(call: unknown): string {
  const approval = approvalSchema.parse({
    id: 'a_000000000001',
    sessionId: 's_000000000001',
    kind: 'edit',
    title: 'Edit',
    hash: '0'.repeat(64),
    call,
    options: [],
    createdAt: '2026-11-21T07:59:56.000Z',
    expiresAt: null,
  });
  return approvalText(approval, NOW);
}

describe('approvalText', () => {
  it('shows a diff whole', () => {
    const diff = [{ path: '/p/a.txt', oldText: 'one\ntwo\n', newText: 'one\n2\n' }];
    expect(text({ tool: 'Edit', input: null, locations: [{ path: '/p/a.txt' }], diff })).toBe(
      [
        'a_000000000001  edit  s_000000000001  4 s ago',
        '  Edit',
        '  tool: Edit',
        '    --- /p/a.txt',
        '    +++ /p/a.txt',
        '    @@ -1,2 +1,2 @@',
        '     one',
        '    -two',
        '    +2',
        '  allow: porchlight approve a_000000000001',
        '  deny:  porchlight deny a_000000000001',
      ].join('\n'),
    );
  });

  it('shows old and new whole where a minimal diff would take too long', () => {
    const lines = (prefix: string) =>
      Array.from({ length: 6_000 }, (_, i) => `${prefix}${i}`).join('\n');
    const shown = text({
      tool: '',
      input: {},
      locations: [],
      diff: [{ path: 'a', oldText: lines('o'), newText: lines('n') }],
    });
    expect([shown.includes('-o5999'), shown.includes('+n5999')]).toEqual([true, true]);
  });

  it('hides nothing that a terminal would hide', () => {
    const shown = text({
      tool: 'Bash',
      input: { command: 'ls\u001b[2K\r\nrm -rf \u202e/' },
      locations: [],
      diff: [],
    });
    expect(shown).toContain('  command:\n    ls‹U+001B›[2K\n    rm -rf ‹U+202E›/');
  });

  it.each([[null], ['text'], [[1, 2]], [{ a: { b: 1 } }], [undefined]])(
    'takes any input: %j',
    (input) => {
      expect(text({ tool: '', input, locations: [], diff: [] })).toContain(
        'allow: porchlight approve',
      );
    },
  );
});
