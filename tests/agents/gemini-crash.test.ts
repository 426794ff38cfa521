import { agentCrashSuite } from '../integration/support/agent-crash-suite.ts';

agentCrashSuite({ agent: 'gemini', loads: false, ownBinary: null, hearsOfShell: true });
