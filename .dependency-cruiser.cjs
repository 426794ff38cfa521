// Who may import whom. Programs meet only in contracts; contracts run anywhere. One violation of
// each rule is planted by tests/unit/build/dependency-rules.test.ts: add yours there too.
const programs = 'src/(?:keeper|host|holder|relay|cli|main|preload|demo-agent)|renderer';
const contracts = 'src/(?:protocol|crypto|connection|ipc)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment:
        'Two files that need each other are one file, or need a third. Types do not count: a chooser and its platform files share an interface.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'programs-never-import-each-other',
      comment: 'They are separate processes and meet in src/protocol, src/ipc or src/local.',
      severity: 'error',
      from: { path: `^(${programs})/` },
      to: { path: `^(?:${programs})/`, pathNot: '^$1/' },
    },
    {
      name: 'contracts-import-only-contracts-and-base',
      comment: 'A contract that knows a program is no contract.',
      severity: 'error',
      from: { path: `^${contracts}/` },
      to: { path: '^(?:src|renderer)/', pathNot: `^(?:${contracts}|src/base)/` },
    },
    {
      name: 'base-imports-only-base',
      comment: 'Base has no words of the product.',
      severity: 'error',
      from: { path: '^src/base/' },
      to: { path: '^(?:src|renderer)/', pathNot: '^src/base/' },
    },
    {
      name: 'crypto-knows-no-product',
      comment: 'Keys, handshake and ciphers can be read, tested and judged by themselves.',
      severity: 'error',
      from: { path: '^src/crypto/' },
      to: { path: '^(?:src|renderer)/', pathNot: '^src/(?:crypto|base)/' },
    },
    {
      name: 'contracts-run-anywhere',
      comment: 'They run in the host, in the window and on the phone: no Node.',
      severity: 'error',
      from: { path: `^(?:${contracts}|src/base)/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'electron-only-in-the-shell',
      comment: 'Host, keeper and CLI run under plain Node; pages are sandboxed.',
      severity: 'error',
      from: { path: '^(?:src|renderer)/', pathNot: '^src/(?:main|preload)/' },
      to: { path: '^electron$|node_modules/electron/' },
    },
    {
      name: 'local-is-for-programs-on-this-machine',
      comment:
        'src/local is the Node-only contract layer: it knows contracts, and no page knows it.',
      severity: 'error',
      from: { path: '^src/local/' },
      to: { path: '^(?:src|renderer)/', pathNot: `^(?:${contracts}|src/base|src/local)/` },
    },
    {
      name: 'pages-and-preload-have-no-local-layer',
      comment: 'src/local needs Node, which neither a page nor a sandboxed preload has.',
      severity: 'error',
      from: { path: `^(?:renderer|src/preload|${contracts}|src/base)/` },
      to: { path: '^src/local/' },
    },
    {
      name: 'outbound-knows-only-base',
      comment: 'What guards the way out can be read and judged by itself.',
      severity: 'error',
      from: { path: '^src/outbound/' },
      to: { path: '^(?:src|renderer)/', pathNot: '^src/(?:outbound|base)/' },
    },
    {
      name: 'outbound-is-for-host-and-relay',
      comment: 'Nobody else sends anything to an address that others chose.',
      severity: 'error',
      from: { path: '^(?:src|renderer)/', pathNot: '^src/(?:outbound|host|relay)/' },
      to: { path: '^src/outbound/' },
    },
    {
      name: 'relay-sees-only-the-outer-frame',
      comment: 'That the relay cannot read is a rule, not a claim.',
      severity: 'error',
      from: { path: '^src/relay/' },
      to: { path: `^${contracts}/`, pathNot: '^src/protocol/relay\\.ts$' },
    },
    {
      name: 'phone-has-no-electron',
      comment: 'Whatever the phone shows must do without the shell.',
      severity: 'error',
      from: { path: '^renderer/(?:phone|features|ui|state)/' },
      to: { path: '^src/ipc/' },
    },
    {
      name: 'drivers-do-not-know-sessions',
      comment: 'A driver translates; the supervisor decides.',
      severity: 'error',
      from: { path: '^src/host/agents/' },
      to: { path: '^src/host/(?:sessions|api|endpoints)/' },
    },
    {
      name: 'only-compose-picks-a-driver',
      comment: 'Everybody else talks to the port in src/host/agents.',
      severity: 'error',
      from: { path: '^src/host/', pathNot: '^src/host/(?:compose\\.ts|agents/)' },
      to: { path: '^src/host/agents/acp/' },
    },
    {
      name: 'acp-sdk-only-in-its-driver',
      comment:
        'The SDK moves fast; one folder follows it, and the demo agent speaks it from the other side.',
      severity: 'error',
      from: { pathNot: '^(?:src/host/agents/acp|src/demo-agent|tests)/' },
      to: { path: '@agentclientprotocol/sdk' },
    },
    {
      name: 'platform-file-only-from-its-chooser',
      comment: 'x.ts chooses among x.macos.ts, x.windows.ts and x.linux.ts; nobody else names one.',
      severity: 'error',
      from: { path: '^(.+)\\.tsx?$', pathNot: '^tests/' },
      to: {
        path: '\\.(?:macos|windows|linux)\\.ts$',
        pathNot: '^$1\\.(?:macos|windows|linux)\\.ts$',
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|release)/' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json'] },
  },
};
