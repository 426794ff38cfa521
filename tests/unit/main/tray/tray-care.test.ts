import { describe, expect, test } from 'vitest';
import { trayMenu } from '../../../../src/main/tray/tray-menu.ts';
import { tooltipOf } from '../../../../src/main/tray/tray-state.ts';
import { approval, drawn, session, state } from './tray-samples.ts';

describe('the tray menu, with care,', () => {
  test.each([
    ['of high risk', { risk: { level: 'high' as const, marks: [] } }],
    ['of the highest risk', { risk: { level: 'highest' as const, marks: [] } }],
    ['that takes a check of the person', { decider: { role: 'approver' as const, fresh: true } }],
  ])('opens the window for a call %s, and decides it nowhere else', (_, given) => {
    const lines = drawn(
      trayMenu(state({ sessions: [session(1)], approvals: [approval(1, given)] })),
    );
    expect(lines[0]).toBe('Look closely: Run the tests · Session 1 {openSession s_000000000001}');
    expect(lines.some((line) => line.includes('{decide'))).toBe(false);
  });

  test('says that it is night, within its ten lines', () => {
    const night = { since: '2026-11-20T21:00:00.000Z', until: null, by: 'window' };
    const menu = trayMenu(state({ night, sessions: [1, 2, 3, 4, 5].map((n) => session(n)) }));
    expect(menu.filter((entry) => entry !== 'separator').length).toBeLessThanOrEqual(10);
    expect(drawn(menu)).toContain('Night: rules decide {open}');
    expect(tooltipOf(state({ night }))).toBe('All is quiet. Night.');
  });
});
