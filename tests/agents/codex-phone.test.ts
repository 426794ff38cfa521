import { phoneAgentSuite } from '../integration/support/phone-agent-suite.ts';

phoneAgentSuite({ agent: 'codex', questions: 'none' });
