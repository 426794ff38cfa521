import { agentSuite } from '../integration/support/agent-suite.ts';

agentSuite({
  agent: 'gemini',
  loads: false,
  asksQuestions: false,
  otherMode: null,
  tellsSignIn: false,
});
