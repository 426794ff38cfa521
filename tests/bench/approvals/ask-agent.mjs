// An ACP agent that asks for permission again and again: its one prompt is {"asks":n}. It writes when
// it asked into the call, and at the end how long each answer took. process.hrtime is one clock for
// all processes of a machine.
import { createInterface } from 'node:readline';

const modes = { currentModeId: 'ask', availableModes: [{ id: 'ask', name: 'Ask' }] };
const options = [
  { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
  { optionId: 'no', name: 'Deny', kind: 'reject_once' },
];
const say = (message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const now = () => Number(process.hrtime.bigint());
const waiting = new Map();
let asked = 0;

async function ask(sessionId) {
  const id = `ask-${(asked += 1)}`;
  const text = `export const porch = ${asked};\n`.repeat(20);
  const path = `src/porch-${asked % 7}.ts`;
  const at = now();
  const toolCall = {
    toolCallId: id,
    title: `Edit ${path}`,
    kind: 'edit',
    status: 'pending',
    rawInput: { file_path: path, new_string: text, askedAtNs: at },
    content: [{ type: 'diff', path, oldText: null, newText: text }],
    locations: [{ path }],
  };
  const answered = new Promise((resolve) => waiting.set(id, resolve));
  say({ id, method: 'session/request_permission', params: { sessionId, toolCall, options } });
  const outcome = await answered;
  const tookNs = now() - at;
  if (outcome?.optionId !== 'yes') throw new Error(`${id} was answered ${JSON.stringify(outcome)}`);
  const update = { sessionUpdate: 'tool_call_update', toolCallId: id, status: 'completed' };
  say({ method: 'session/update', params: { sessionId, update } });
  return tookNs / 1e6;
}

async function prompt(id, { sessionId, prompt: [{ text }] }) {
  const tookMs = [];
  for (let left = JSON.parse(text).asks; left > 0; left -= 1) tookMs.push(await ask(sessionId));
  const content = { type: 'text', text: JSON.stringify(tookMs) };
  const update = { sessionUpdate: 'agent_message_chunk', content };
  say({ method: 'session/update', params: { sessionId, update } });
  say({ id, result: { stopReason: 'end_turn' } });
}

const answers = {
  initialize: () => ({
    protocolVersion: 1,
    agentInfo: { name: 'asker', version: '1' },
    agentCapabilities: {},
  }),
  'session/new': () => ({ sessionId: 'asker', modes }),
  'session/set_mode': () => ({}),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, result } = JSON.parse(line);
  if (method === undefined) {
    const resolve = waiting.get(id);
    waiting.delete(id);
    resolve?.(result?.outcome);
  } else if (method === 'session/prompt') void prompt(id, params);
  else if (id !== undefined) say({ id, result: answers[method]?.(params) ?? {} });
});
