import { describe, expect, it } from 'vitest';
import type { PolicyState } from '../../../../src/host/rules/policy-file.ts';
import { settingsOf } from '../../../../src/host/rules/settings.ts';
import { configSchema, policySchema } from '../../../../src/protocol/config.ts';

const config = configSchema.parse({
  approvals: { patienceMinutes: 30, onExpiry: 'deny' },
  modes: { onDrift: 'undo' },
  audit: { prompts: 'text' },
});

function state(policy: object | null, over: Partial<PolicyState> = {}): PolicyState {
  return {
    state: policy === null ? 'none' : 'ok',
    policy: policy === null ? null : policySchema.parse(policy),
    rules: [],
    problem: null,
    nothingIsAllowed: false,
    ...over,
  };
}

describe('the settings that hold', () => {
  it('are calm without any file', () => {
    expect(settingsOf(configSchema.parse({}), state(null))).toEqual({
      approvals: { patienceMs: null, onExpiry: 'stay' },
      modes: ['ask', 'edits', 'plan', 'auto'],
      onDrift: 'show',
      autoNeedsSandbox: false,
      auditPrompts: 'hash',
      projectsOnlyTighten: false,
    });
  });

  it("are the administrator's where that says something, else those of config.json", () => {
    const policy = {
      approvals: { onExpiry: 'park' },
      modes: ['ask', 'plan'],
      autoNeedsSandbox: true,
      projectRules: 'tightenOnly',
    };
    expect(settingsOf(config, state(policy))).toEqual({
      approvals: { patienceMs: 1_800_000, onExpiry: 'park' },
      modes: ['ask', 'plan'],
      onDrift: 'undo',
      autoNeedsSandbox: true,
      auditPrompts: 'text',
      projectsOnlyTighten: true,
    });
  });

  it('are the strictest where there is a policy that nobody could ever read', () => {
    const unknown = state(null, { state: 'bad', nothingIsAllowed: true });
    expect(settingsOf(config, unknown)).toEqual({
      approvals: { patienceMs: 1_800_000, onExpiry: 'deny' },
      modes: ['ask', 'plan'],
      onDrift: 'undo',
      autoNeedsSandbox: true,
      auditPrompts: 'hash',
      projectsOnlyTighten: true,
    });
  });
});
