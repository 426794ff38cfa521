/**
 * A scripted model on loopback for real agents: `@copilotkit/aimock` with the scenarios of
 * `model-scenarios.ts`. No account, no network.
 *
 *   const stub = await startModelStub();
 *   const env = stub.envFor('claude', scratchDir);   // writes the agent's own config below scratchDir
 *   // put `env` into config.json: {"agents":{"claude":{"env":{…}}}}, or into a child's environment
 *   // prompt "SCRIPT:edit": the model writes hello.txt (one approval in mode ask), then says
 *   //   "The file is written."
 *   await stub.close();
 *
 * Scenarios: text, thought, shell, touch, edit, edit-slow (about 10 s of text after the file), plan,
 * question (Claude: an elicitation), mcp (calls a tool named echo), long (a plan, two files, a command), sleep (a command
 * that takes 300 s), beside (writes in.txt and $OUTSIDE, lists $HIDDEN in seen.txt), hold (one that waits for go.txt), env (writes env.txt), slow (about 10 s of text), recall (says what
 * the person has said so far), error401, error429, error500.
 * Any other prompt is answered "Understood.". The files land in the session's folder.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LLMock, type ChatCompletionRequest, type JournalEntry } from '@copilotkit/aimock';
import { responseFor, stepOf } from './model-scenarios.ts';

const KEPT_REQUESTS = 50;

export type StubbedAgent = 'claude' | 'opencode' | 'codex' | 'gemini';

export interface ModelStub {
  readonly url: string;
  /** Environment that points the agent at the stub, isolated below `dir`, which it fills. */
  envFor(agent: StubbedAgent, dir: string): Record<string, string>;
  requests(): JournalEntry[];
  /** Whether it was told this lately, by the person or a tool. (The journal cuts what is long.) */
  heard(text: string): boolean;
  close(): Promise<void>;
}

export async function startModelStub(): Promise<ModelStub> {
  const mock = new LLMock({
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent',
    journalMaxEntries: 500,
  });
  const heard: string[] = [];
  const keep = ({ messages }: ChatCompletionRequest): void => {
    heard.push(JSON.stringify(messages.filter(({ role }) => role !== 'assistant')));
    if (heard.length > KEPT_REQUESTS) heard.shift();
  };
  // About 110 pieces, 90 ms apart.
  const slow = { chunkSize: 6, streamingProfile: { ttft: 100, tps: 11 } };
  const isSlow = (request: ChatCompletionRequest): boolean => {
    keep(request);
    return stepOf(request)?.slow === true;
  };
  mock.on({ predicate: isSlow }, responseFor, slow);
  mock.on({ predicate: () => true }, responseFor);
  const url = await mock.start();
  return {
    url,
    envFor: (agent, dir) => {
      mkdirSync(dir, { recursive: true });
      return ENVIRONMENTS[agent](url, dir);
    },
    requests: () => mock.getRequests(),
    heard: (text) => heard.some((each) => each.includes(JSON.stringify(text).slice(1, -1))),
    close: async () => await mock.stop(),
  };
}

const ENVIRONMENTS: Readonly<
  Record<StubbedAgent, (url: string, dir: string) => Record<string, string>>
> = {
  claude: (url, dir) => ({
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: 'sk-ant-stub-000',
    CLAUDE_CONFIG_DIR: join(dir, 'claude'),
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '1',
    ENABLE_TOOL_SEARCH: 'false',
    CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
    CLAUDE_CODE_ENABLE_TASKS: '0',
    // As root, the adapter takes any value for yes and `claude` only "1", and then refuses to start.
    IS_SANDBOX: '',
  }),
  opencode: (url, dir) => {
    const file = join(dir, 'opencode.json');
    const models = { scripted: { name: 'Scripted', tool_call: true } };
    const options = { baseURL: `${url}/v1`, apiKey: 'stub' };
    const provider = { stub: { npm: '@ai-sdk/openai-compatible', name: 'Stub', options, models } };
    writeFileSync(
      file,
      JSON.stringify({ model: 'stub/scripted', small_model: 'stub/scripted', provider }),
    );
    return {
      OPENCODE_CONFIG: file,
      XDG_CONFIG_HOME: join(dir, 'config'),
      XDG_DATA_HOME: join(dir, 'data'),
      XDG_STATE_HOME: join(dir, 'state'),
      XDG_CACHE_HOME: join(dir, 'cache'),
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_SHARE: '1',
    };
  },
  codex: (url, dir) => {
    const home = join(dir, 'codex');
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, 'config.toml'),
      [
        'model = "gpt-5-codex"',
        'model_provider = "stub"',
        'approval_policy = "on-request"',
        'check_for_update_on_startup = false',
        '[model_providers.stub]',
        'name = "stub"',
        `base_url = "${url}/v1"`,
        'env_key = "STUB_API_KEY"',
        'wire_api = "responses"',
        'supports_websockets = false',
      ].join('\n'),
    );
    return { CODEX_HOME: home, STUB_API_KEY: 'stub' };
  },
  gemini: (url, dir) => {
    const folder = join(dir, '.gemini');
    mkdirSync(folder, { recursive: true });
    const settings = {
      general: { disableAutoUpdate: true },
      privacy: { usageStatisticsEnabled: false },
      security: { auth: { selectedType: 'gemini-api-key' } },
    };
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
    return {
      GEMINI_API_KEY: 'stub',
      GOOGLE_GEMINI_BASE_URL: url,
      // A named model: else another model is asked first which one fits.
      GEMINI_MODEL: 'gemini-2.5-pro',
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      GEMINI_CLI_HOME: dir,
    };
  },
};
