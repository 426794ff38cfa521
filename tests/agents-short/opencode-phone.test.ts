import { phoneAgentSuite } from '../integration/support/phone-agent-suite.ts';

// Its tool that asks is for its own clients; over ACP its model is not offered it.
phoneAgentSuite({ agent: 'opencode', asks: false });
