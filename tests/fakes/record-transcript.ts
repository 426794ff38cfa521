import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDeadline } from '../../src/base/deadline.ts';
import { AgentCatalogue } from '../../src/host/agents/catalogue.ts';
import { withoutOurs } from '../../src/host/agents/clean-env.ts';
import { AcpClient, allowOnce, type RecordedLine } from './acp-client.ts';
import { startModelStub, type StubbedAgent } from './model-stub.ts';

/** Where tests keep the real agents; shared between runs. */
export const AGENTS_CACHE =
  process.env.PORCHLIGHT_AGENTS ?? join(homedir(), '.cache', 'porchlight', 'agents');

const SCENARIOS = ['text', 'thought', 'shell', 'edit', 'plan', 'question'];
const CANCEL_LIMIT_MS = 20_000;

/** Plays every scenario with the real agent and returns what was said, without traces of this machine. */
export async function recordTranscript(agent: StubbedAgent): Promise<RecordedLine[]> {
  const stub = await startModelStub();
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'record-')));
  const cwd = join(dir, 'workspace');
  mkdirSync(cwd);
  const env = stub.envFor(agent, join(dir, 'agent'));
  const catalogue = new AgentCatalogue({
    config: () => ({ agents: { [agent]: { env } } }),
    loginEnv: async () => withoutOurs(process.env),
    agentsFolder: AGENTS_CACHE,
    dist: 'dist',
    own: { execPath: process.execPath, isElectron: false },
    demoFolder: join(dir, 'demo'),
  });
  const client = new AcpClient(await catalogue.launch(agent, 'ask'), cwd);
  try {
    await client.initialize();
    const { sessionId } = await client.newSession(cwd);
    for (const name of SCENARIOS)
      await client.prompt(sessionId, `Please do SCRIPT:${name}`).catch(() => null);
    client.answer = reject;
    await client.prompt(sessionId, 'Please do SCRIPT:edit');
    await cancelWhileStreaming(client, sessionId);
    return scrubbed(client.lines, [
      [cwd, '/workspace'],
      [dir, '/scratch'],
      [stub.url, 'http://127.0.0.1:9'],
      [AGENTS_CACHE, '/agents'],
      [homedir(), '/home/person'],
    ]);
  } finally {
    await client.close();
    await stub.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function cancelWhileStreaming(client: AcpClient, sessionId: string): Promise<void> {
  const before = client.lines.length;
  const prompt = client.prompt(sessionId, 'Please do SCRIPT:slow');
  await withDeadline(
    client.until(() => client.lines.slice(before).some(isText)),
    CANCEL_LIMIT_MS,
    'the first word',
  );
  client.notify('session/cancel', { sessionId });
  await withDeadline(prompt, CANCEL_LIMIT_MS, 'the end after the cancel');
}

function isText({ dir, message }: RecordedLine): boolean {
  return dir === 'in' && JSON.stringify(message).includes('"agent_message_chunk"');
}

function reject(method: string, params: unknown): unknown {
  if (method !== 'session/request_permission') return allowOnce(method, params);
  const { options } = params as { options: { optionId: string; kind: string }[] };
  const option = options.find((each) => each.kind === 'reject_once');
  return {
    outcome:
      option === undefined
        ? { outcome: 'cancelled' }
        : { outcome: 'selected', optionId: option.optionId },
  };
}

/** Lists that an agent sends for choosing are cut to their first items: a recording stays readable. */
const MAX_CHOICES = 5;

function scrubbed(
  lines: readonly RecordedLine[],
  replacements: readonly (readonly [string, string])[],
): RecordedLine[] {
  let text = JSON.stringify(lines);
  for (const [from, to] of replacements)
    text = text.replaceAll(from, to).replaceAll(from.slice(1), to.slice(1));
  return JSON.parse(text, (key, value: unknown) =>
    ['availableCommands', 'options', 'availableModels'].includes(key) && Array.isArray(value)
      ? value.slice(0, MAX_CHOICES)
      : value,
  ) as RecordedLine[];
}

export async function recordInto(folder: string, agents: readonly string[]): Promise<void> {
  for (const agent of agents as StubbedAgent[]) {
    const lines = await recordTranscript(agent);
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    writeFileSync(join(folder, `${agent}.jsonl`), `${text}\n`);
    process.stdout.write(`${agent}: ${lines.length} lines, ${text.length} characters\n`);
  }
}
