import { phoneAgentSuite } from '../integration/support/phone-agent-suite.ts';

phoneAgentSuite({ agent: 'claude', asks: true });
