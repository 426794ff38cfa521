import type { Launcher } from './launcher.ts';

/**
 * Reading asks nothing; everything else does, tools of MCP servers included (which OpenCode runs
 * unasked by default). The last rule that matches wins, so `*` comes first. The rules for `.env`
 * files are OpenCode's own defaults, which `read: "allow"` would undo.
 */
const ASK = {
  '*': 'ask',
  read: { '*': 'allow', '*.env': 'ask', '*.env.*': 'ask', '*.env.example': 'allow' },
  grep: 'allow',
  glob: 'allow',
  list: 'allow',
  lsp: 'allow',
  todowrite: 'allow',
  todoread: 'allow',
  question: 'allow',
  skill: 'allow',
  edit: 'ask',
  bash: 'ask',
  task: 'ask',
  webfetch: 'ask',
  websearch: 'ask',
  codesearch: 'ask',
  external_directory: 'ask',
  doom_loop: 'ask',
};

/**
 * OpenCode speaks ACP itself. It allows everything unless told otherwise, and has no ACP mode that
 * asks: the process gets rules of its own, which it merges over all its files.
 */
export const opencode: Launcher = {
  profile: {
    id: 'opencode',
    name: 'OpenCode',
    // Its other modes (`plan`, and those that a person defines) have rules of their own.
    modes: { by: 'launch', native: { ask: 'ask' }, within: { id: 'mode', value: 'build' } },
    signIn: 'opencode auth login',
    // Its configuration, below ~/.config, is not among them.
    state: {
      folders: [
        { variable: 'XDG_DATA_HOME', inside: 'opencode', home: '.local/share/opencode' },
        { variable: 'XDG_STATE_HOME', inside: 'opencode', home: '.local/state/opencode' },
        { variable: 'XDG_CACHE_HOME', inside: 'opencode', home: '.cache/opencode' },
      ],
    },
    canLoad: true,
    sharesProcess: true,
    unasked: [
      {
        modes: ['ask'],
        kinds: ['read', 'search'],
        inFolder: true,
        why: 'reading in the folder is allowed by the rules that it is started with',
      },
    ],
    // A tool of a server is `server_tool` in the title of its permission, and has no input there
    // (1.18.33). Its own permissions that hold a `_` are none.
    calls: {
      mcp: {
        from: 'title',
        prefix: '',
        joint: '_',
        besides: ['external_directory', 'doom_loop', 'apply_patch', 'workflow_tool_approval'],
      },
    },
    elsewhere: { programs: ['opencode'], exit: '/exit' },
  },
  adapter: {
    name: 'opencode-ai',
    version: '1.18.33',
    integrity:
      'sha512-58P1ffLRXiAY4QeoABqUjqf6DEzm1ihpovvn9Ad+oOLbLiwK/rf88wruT9IATJ7AtNjmi8iA7pC8tN4o5y799Q==',
    bytes: 354_000_000,
    // The launcher script in `opencode-ai` wants its postinstall; the binaries do not.
    program: {
      kind: 'binary',
      candidates: {
        'linux-x64': [
          'opencode-linux-x64/bin/opencode',
          'opencode-linux-x64-baseline/bin/opencode',
          'opencode-linux-x64-musl/bin/opencode',
        ],
        'linux-arm64': [
          'opencode-linux-arm64/bin/opencode',
          'opencode-linux-arm64-musl/bin/opencode',
        ],
        'darwin-x64': [
          'opencode-darwin-x64/bin/opencode',
          'opencode-darwin-x64-baseline/bin/opencode',
        ],
        'darwin-arm64': ['opencode-darwin-arm64/bin/opencode'],
        'win32-x64': [
          'opencode-windows-x64/bin/opencode.exe',
          'opencode-windows-x64-baseline/bin/opencode.exe',
        ],
        'win32-arm64': ['opencode-windows-arm64/bin/opencode.exe'],
      },
    },
  },
  args: ['acp'],
  onPath: ['opencode'],
  ownBinary: null,
  env: {},
  modeEnv: {
    ask: {
      OPENCODE_PERMISSION: JSON.stringify(ASK),
      // An agent's own rules come after those for all; `build` is the one a session starts with.
      OPENCODE_CONFIG_CONTENT: JSON.stringify({ agent: { build: { permission: ASK } } }),
    },
  },
};
