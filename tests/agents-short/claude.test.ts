import { agentSuite } from '../integration/support/agent-suite.ts';

agentSuite({
  agent: 'claude',
  loads: true,
  asksQuestions: true,
  otherMode: 'edits',
  tellsSignIn: true,
});
