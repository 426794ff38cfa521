import { describe, expect, test } from 'vitest';
import { fieldsOf, formOf, ruleOf } from '../../../../../renderer/features/rules/rule-form.ts';
import { sessionIdSchema } from '../../../../../src/protocol/ids.ts';
import { ruleSchema, type Rule } from '../../../../../src/protocol/rules/rule.ts';

const sessionId = sessionIdSchema.parse('s_000000000001');
const nowMs = new Date(2026, 10, 21, 22, 15).getTime();
const place = { sessionId, folder: '/home/ada/blog', nowMs };
const proposed: Rule = { decision: 'allow', command: 'npm test', folder: '/home/ada/blog' };

describe('a rule in a form', () => {
  test('comes out as it went in', () => {
    expect(fieldsOf(proposed)).toEqual(['command']);
    expect(ruleOf(proposed, formOf(proposed), place)).toEqual({ ok: true, rule: proposed });
  });

  test('holds for a session, a folder or everywhere, and never for two of them', () => {
    const form = formOf(proposed);
    const rules = (['session', 'folder', 'everywhere'] as const).map((where) => {
      const made = ruleOf(proposed, { ...form, where }, place);
      return made.ok ? ruleSchema.parse(made.rule) : made;
    });
    expect(rules).toEqual([
      { decision: 'allow', command: 'npm test', session: sessionId },
      { decision: 'allow', command: 'npm test', folder: '/home/ada/blog' },
      { decision: 'allow', command: 'npm test' },
    ]);
  });

  test('ends after an hour, tomorrow morning, or so many calls; and says when it was made', () => {
    const form = formOf(proposed);
    const madeAt = new Date(nowMs).toISOString();
    const ends = (['hour', 'tomorrow', 'times'] as const).map((howLong) => {
      const made = ruleOf(proposed, { ...form, howLong, times: '7' }, place);
      if (!made.ok) return made;
      const { until, uses, madeAt: at } = ruleSchema.parse(made.rule);
      return { until, uses, at };
    });
    expect(ends).toEqual([
      { until: new Date(nowMs + 3_600_000).toISOString(), uses: undefined, at: madeAt },
      { until: new Date(2026, 10, 22, 8).toISOString(), uses: undefined, at: madeAt },
      { until: undefined, uses: 7, at: madeAt },
    ]);
  });

  test('keeps what the form does not show', () => {
    const rule: Rule = {
      decision: 'allow',
      kind: 'edit',
      path: 'src/**',
      branch: 'main',
      agent: 'claude',
    };
    const made = ruleOf(rule, { ...formOf(rule), where: 'everywhere' }, place);
    expect(made).toEqual({ ok: true, rule });
  });

  test('is not made from nothing, and says where it lacks something', () => {
    const form = formOf(proposed);
    const match = (command: string) => ({ ...form, match: { ...form.match, command } });
    expect([
      ruleOf(proposed, match('  '), place),
      ruleOf(proposed, match('x'.repeat(2_001)), place),
      ...['0', '1.5', 'many', '', '1000001'].map((times) =>
        ruleOf(proposed, { ...form, howLong: 'times', times }, place),
      ),
    ]).toEqual([
      { ok: false, at: 'command', problem: 'empty' },
      { ok: false, at: 'command', problem: 'tooLong' },
      ...Array.from({ length: 5 }, () => ({ ok: false, at: 'times', problem: 'times' })),
    ]);
  });
});
