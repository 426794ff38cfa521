import { agentSuite } from '../integration/support/agent-suite.ts';

agentSuite({
  agent: 'codex',
  loads: true,
  asksQuestions: false,
  otherMode: 'auto',
  tellsSignIn: false,
});
