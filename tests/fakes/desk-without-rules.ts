import { RpcFailure } from '../../src/protocol/errors.ts';
import type { DeskParts } from '../../src/host/approvals/compose-desk.ts';

/** A desk on its own: every call asks, and nothing expires. */
export const withoutRules: Pick<DeskParts, 'policy' | 'audit' | 'rules' | 'settings' | 'isNight'> =
  {
    policy: {
      judge: () => ({
        decision: 'ask',
        rule: null,
        counted: false,
        risk: { level: 'low', marks: [] },
        asks: { because: 'noRule' },
        fresh: false,
      }),
    },
    audit: { append: () => {}, who: (surface) => ({ surface }) },
    rules: {
      used: () => {},
      save: () => {
        throw new RpcFailure('notBuilt', 'This host keeps no rules yet.');
      },
    },
    settings: () => ({ patienceMs: null, onExpiry: 'stay' }),
    isNight: () => false,
  };
