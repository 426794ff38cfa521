import { agentCrashSuite } from '../integration/support/agent-crash-suite.ts';

agentCrashSuite({
  agent: 'codex',
  loads: true,
  ownBinary: /codex.*app-server/,
  hearsOfShell: true,
});
