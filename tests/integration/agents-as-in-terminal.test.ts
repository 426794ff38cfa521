import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AcpClient } from '../fakes/acp-client.ts';
import { startModelStub, type ModelStub } from '../fakes/model-stub.ts';
import { ensureInstalled, makeScratch, realCatalogue, type Scratch } from './agents/scratch.ts';

/** A whole MCP server: one tool that tells it was called. */
const MCP_SERVER = `
const { appendFileSync } = require('node:fs');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const schema = { type: 'object', properties: { text: { type: 'string' } } };
  const results = {
    initialize: () => ({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'porch', version: '1.0.0' } }),
    'tools/list': () => ({ tools: [{ name: 'echo', description: 'Says it again', inputSchema: schema }] }),
    'tools/call': () => {
      appendFileSync(process.argv[2], JSON.stringify({ called: params.name, variable: process.env.ONLY_IN_PROFILE }) + '\\n');
      return { content: [{ type: 'text', text: 'echo' }] };
    },
  };
  const result = results[method]?.();
  const answer = result ? { result } : { error: { code: -32601, message: 'no such method' } };
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...answer }) + '\\n');
});
`;

describe("real Claude Code works as in its user's terminal", { timeout: 120_000 }, () => {
  let stub: ModelStub;
  let scratch: Scratch;
  let client: AcpClient;
  let sessionId: string;
  const seen = () => join(scratch.home, 'seen.jsonl');

  beforeAll(async () => {
    await ensureInstalled('claude', process.env);
    stub = await startModelStub();
    scratch = makeScratch();
    writeFileSync(
      join(scratch.home, '.bash_profile'),
      'export ONLY_IN_PROFILE=porch\necho "noise from the profile"\n',
    );
    const server = join(scratch.home, 'server.cjs');
    writeFileSync(server, MCP_SERVER);
    const env = stub.envFor('claude', join(scratch.home, 'agent'));
    // What a person has in their own files: a server for every project, and a hook on every tool.
    const settings = join(scratch.home, 'agent', 'claude');
    mkdirSync(settings, { recursive: true });
    const mcpServers = {
      porch: { type: 'stdio', command: process.execPath, args: [server, seen()], env: {} },
    };
    writeFileSync(join(settings, '.claude.json'), JSON.stringify({ mcpServers }));
    const hook = {
      type: 'command',
      command: `jq -c . >> ${join(scratch.home, 'hook.jsonl')} 2>/dev/null || cat >> ${join(scratch.home, 'hook.jsonl')}`,
    };
    writeFileSync(
      join(settings, 'settings.json'),
      JSON.stringify({ hooks: { PreToolUse: [{ matcher: '.*', hooks: [hook] }] } }),
    );
    const hostEnv = {
      ...process.env,
      HOME: scratch.home,
      SHELL: '/bin/bash',
      PORCHLIGHT_HOME: '/nowhere',
      PORCHLIGHT_SECRET: 'ours',
      ELECTRON_RUN_AS_NODE: '1',
      npm_config_user_agent: 'npm',
      npm_lifecycle_event: 'start',
      INIT_CWD: '/nowhere',
    };
    const launch = await realCatalogue(hostEnv, { claude: { env } }).launch('claude', 'ask');
    client = new AcpClient(launch, scratch.workspace);
    await client.initialize();
    sessionId = (await client.newSession(scratch.workspace)).sessionId;
  }, 600_000);

  afterAll(async () => {
    await client?.close();
    await stub?.close();
    scratch?.remove();
  });

  it('a variable exported only in .bash_profile reaches a command of the agent, and nothing of ours does', async () => {
    await expect(client.prompt(sessionId, 'SCRIPT:env')).resolves.toMatchObject({
      stopReason: 'end_turn',
    });
    const names = readFileSync(join(scratch.workspace, 'env.txt'), 'utf8')
      .split('\n')
      .map((line) => line.split('=')[0] ?? '');
    expect(names).toContain('ONLY_IN_PROFILE');
    expect(names.filter((name) => /^(PORCHLIGHT_|ELECTRON_|npm_)|^INIT_CWD$/.test(name))).toEqual(
      [],
    );
  });

  it('a PreToolUse hook of the user runs before the tool', () => {
    const hook = readFileSync(join(scratch.home, 'hook.jsonl'), 'utf8');
    expect(hook).toContain('"tool_name":"Bash"');
  });

  it('a user-level MCP server offers its tools to the model, and they run in the same environment', async () => {
    await expect(client.prompt(sessionId, 'SCRIPT:mcp')).resolves.toMatchObject({
      stopReason: 'end_turn',
    });
    expect(JSON.parse(readFileSync(seen(), 'utf8'))).toEqual({ called: 'echo', variable: 'porch' });
  });
});
