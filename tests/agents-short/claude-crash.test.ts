import { agentCrashSuite } from '../integration/support/agent-crash-suite.ts';

agentCrashSuite({
  agent: 'claude',
  loads: true,
  ownBinary: /claude-agent-sdk.*\/claude/,
  hearsOfShell: true,
});
