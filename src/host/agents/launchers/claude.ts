import type { Launcher } from './launcher.ts';

/**
 * Claude Code through its ACP adapter, which brings `claude` as a platform package and takes the
 * person's own through CLAUDE_CODE_EXECUTABLE. Its modes: docs of Claude Code, "Permission modes".
 */
export const claude: Launcher = {
  profile: {
    id: 'claude',
    name: 'Claude Code',
    modes: {
      by: 'setMode',
      native: { ask: 'default', edits: 'acceptEdits', plan: 'plan', auto: 'auto' },
    },
    // An agent of the person's may name a permissionMode (docs of Claude Code, "Subagents").
    resetsMode: ['agent'],
    signIn: 'claude /login',
    state: {
      folders: [{ variable: 'CLAUDE_CONFIG_DIR', home: '.claude' }],
      files: ['.claude.json'],
      obeyed: [
        'settings.json',
        'settings.local.json',
        'CLAUDE.md',
        'agents',
        'commands',
        'hooks',
        'output-styles',
        'plugins',
        'skills',
        'workflows',
      ],
    },
    canLoad: true,
    sharesProcess: true,
    unasked: [
      {
        modes: ['auto'],
        why: 'a model of its own decides what to ask about (Claude Code 2.1.329, measured)',
      },
      {
        modes: ['edits'],
        kinds: ['edit'],
        inFolder: true,
        why: 'it edits files in the folder by itself (0.100.0, measured)',
      },
      {
        modes: ['edits'],
        kinds: ['execute'],
        inFolder: true,
        simple: true,
        why: 'it runs simple commands by itself, such as `echo hi > a.txt` (0.100.0, measured)',
      },
      {
        modes: ['ask', 'edits', 'plan'],
        kinds: ['read', 'search'],
        inFolder: true,
        why: 'it reads in the folder by itself (its documentation, "Permission modes")',
      },
      {
        modes: ['ask', 'edits', 'plan'],
        kinds: ['execute'],
        simple: true,
        why: 'commands that it takes for reading only run by themselves (its documentation, "Permission modes")',
      },
    ],
    // `errorKind` of claude-agent-acp 0.100.0, dist/acp-agent.js, errorKindData; its values are
    // SDKAssistantMessageError of the SDK. `server_error` is also a refused or broken connection (measured).
    troubles: {
      network: ['errorKind:server_error', 'errorKind:overloaded'],
      limit: ['errorKind:rate_limit'],
    },
    elsewhere: {
      programs: ['claude'],
      besides: ['daemon', 'mcp', 'remote-control', 'rc'],
      records: { variable: 'CLAUDE_CONFIG_DIR', home: '.claude', folder: 'sessions' },
      exit: '/exit',
    },
    // Its mode bypassPermissions, which asks nobody anything, is then not to be had in the session.
    sessionMeta: { claudeCode: { options: { allowDangerouslySkipPermissions: false } } },
  },
  adapter: {
    name: '@agentclientprotocol/claude-agent-acp',
    version: '0.100.0',
    integrity:
      'sha512-X+f2M5RiehzSzWRJjDSf0Sbzoc8JK66l85YnYW5TAdHJX53CLQV00v2M72bfCKJ4IZ11qt+WQ/Yg9NVKcuDAhQ==',
    bytes: 391_000_000,
    program: { kind: 'script', path: '@agentclientprotocol/claude-agent-acp/dist/index.js' },
  },
  args: [],
  onPath: ['claude-agent-acp'],
  ownBinary: { name: 'claude', variable: 'CLAUDE_CODE_EXECUTABLE' },
  env: {},
  modeEnv: {},
};
