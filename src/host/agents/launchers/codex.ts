import type { Launcher } from './launcher.ts';

/**
 * Codex through its ACP adapter. Left alone it starts in the mode `agent`, where a model reviews
 * what the agent wants to do and no person is asked (measured): so it starts in `read-only`.
 */
export const codex: Launcher = {
  profile: {
    id: 'codex',
    name: 'Codex',
    modes: { by: 'setMode', native: { ask: 'read-only', auto: 'agent' } },
    signIn: 'codex login',
    canLoad: true,
    sharesProcess: true,
  },
  adapter: {
    name: '@agentclientprotocol/codex-acp',
    version: '2.6.0',
    integrity:
      'sha512-/PBsd0H6URy4bhXhAeXqwb7RqctbXfNceRihAh6nDmn5HJ873uzoHvHxF45YmeWfgOKKRrNRLZjYsket2a7EsQ==',
    bytes: 457_000_000,
    program: { kind: 'script', path: '@agentclientprotocol/codex-acp/dist/index.js' },
  },
  args: [],
  onPath: ['codex-acp'],
  ownBinary: { name: 'codex', variable: 'CODEX_PATH' },
  env: { INITIAL_AGENT_MODE: 'read-only' },
  modeEnv: {},
};
