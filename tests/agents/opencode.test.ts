import { agentSuite } from '../integration/support/agent-suite.ts';

agentSuite({
  agent: 'opencode',
  loads: true,
  asksQuestions: false,
  otherMode: null,
  tellsSignIn: false,
});
