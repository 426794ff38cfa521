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
    state: {
      folders: [{ variable: 'CODEX_HOME', home: '.codex' }],
      obeyed: ['config.toml', 'AGENTS.md', 'hooks.json', 'prompts', 'rules', 'skills', 'plugins'],
    },
    canLoad: true,
    sharesProcess: true,
    unasked: [
      {
        modes: ['auto'],
        why: 'a model reviews what it wants to do, and no person is asked (codex-acp 2.6.0, measured)',
      },
      {
        modes: ['ask'],
        mcp: true,
        why: 'tools of MCP servers ran unasked (codex-acp 2.6.0, measured)',
      },
      {
        modes: ['ask'],
        kinds: ['read', 'search', 'execute'],
        simple: true,
        why: 'what only reads runs in its own read-only sandbox and is not asked about (codex-acp 2.6.0)',
      },
    ],
    // McpToolReporter of codex-acp 2.6.0. It asks about tools of servers by an elicitation, which is
    // a question: no rule decides those.
    calls: { mcp: { from: 'title', prefix: 'mcp.', joint: '.' } },
    // codex-acp 2.6.0, dist/index.js, createTurnErrorData: of all failures only a used-up allowance
    // becomes an error of session/prompt; the others end in `end_turn` (measured: 5xx, a dead port).
    failedTurn: {
      status: ['codex', 'threadStatus', 'type'],
      failed: 'systemError',
      error: ['codex', 'error'],
    },
    // Its STRING_ and STRUCTURED_CODEX_ERROR_CATEGORIES.
    troubles: {
      network: [
        'codexErrorInfo:serverOverloaded',
        'codexErrorInfo:internalServerError',
        'codexErrorInfo:httpConnectionFailed',
        'codexErrorInfo:responseStreamConnectionFailed',
        'codexErrorInfo:responseStreamDisconnected',
        'codexErrorInfo:responseTooManyFailedAttempts',
      ],
      limit: ['codexErrorInfo:usageLimitExceeded', 'codexErrorInfo:rateLimitExceeded'],
    },
    // Its terminal program leaves an app server behind, which stays in the folder it was started in.
    elsewhere: {
      programs: ['codex'],
      besides: ['app-server', 'mcp-server', 'exec-server'],
      exit: '/exit',
    },
  },
  adapter: {
    name: '@agentclientprotocol/codex-acp',
    version: '2.6.0',
    integrity:
      'sha512-/PBsd0H6URy4bhXhAeXqwb7RqctbXfNceRihAh6nDmn5HJ873uzoHvHxF45YmeWfgOKKRrNRLZjYsket2a7EsQ==',
    bytes: 457_000_000,
    program: { kind: 'script', path: '@agentclientprotocol/codex-acp/dist/index.js' },
    brings: {
      'linux-x64': '@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex',
      'linux-arm64': '@openai/codex-linux-arm64/vendor/aarch64-unknown-linux-musl/bin/codex',
      'darwin-x64': '@openai/codex-darwin-x64/vendor/x86_64-apple-darwin/bin/codex',
      'darwin-arm64': '@openai/codex-darwin-arm64/vendor/aarch64-apple-darwin/bin/codex',
      'win32-x64': '@openai/codex-win32-x64/vendor/x86_64-pc-windows-msvc/bin/codex.exe',
      'win32-arm64': '@openai/codex-win32-arm64/vendor/aarch64-pc-windows-msvc/bin/codex.exe',
    },
  },
  args: [],
  onPath: ['codex-acp'],
  ownBinary: { name: 'codex', variable: 'CODEX_PATH' },
  env: { INITIAL_AGENT_MODE: 'read-only' },
  modeEnv: {},
};
