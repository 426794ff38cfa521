import { agentCrashSuite } from '../integration/support/agent-crash-suite.ts';

agentCrashSuite({ agent: 'opencode', loads: true, ownBinary: null, hearsOfShell: false });
