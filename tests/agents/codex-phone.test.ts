import { phoneAgentSuite } from '../integration/support/phone-agent-suite.ts';

// Its model may ask in its plan mode alone; elsewhere the tool says that it is unavailable.
phoneAgentSuite({
  agent: 'codex',
  asks: true,
  writesByShell: true,
  asksWith: { option: 'collaboration_mode', value: 'plan' },
});
