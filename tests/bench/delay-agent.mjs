// An ACP agent that is a clock: each line it says carries the time at which it was written. Its one
// prompt is {"lines":n,"everyMs":ms}. process.hrtime is one clock for all processes of a machine.
import { createInterface } from 'node:readline';

const PADDING = ' and a few words more, about as long as what a model says between two updates';
const modes = { currentModeId: 'ask', availableModes: [{ id: 'ask', name: 'Ask' }] };

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const answer = (id, result) => say({ jsonrpc: '2.0', id, result });

const answers = {
  initialize: () => ({
    protocolVersion: 1,
    agentInfo: { name: 'clock', version: '1' },
    agentCapabilities: {},
  }),
  'session/new': () => ({ sessionId: 'clock', modes }),
  'session/set_mode': () => ({}),
};

function tell(sessionId) {
  const content = { type: 'text', text: `@${process.hrtime.bigint()};${PADDING}` };
  const update = { sessionUpdate: 'agent_message_chunk', content };
  say({ jsonrpc: '2.0', method: 'session/update', params: { sessionId, update } });
}

function prompt(id, { sessionId, prompt: [{ text }] }) {
  const { lines, everyMs } = JSON.parse(text);
  const startedAt = performance.now();
  let told = 0;
  const timer = setInterval(() => {
    // Timers come late: what is due by now is said at once, so that the rate holds.
    const due = Math.min(lines, Math.floor((performance.now() - startedAt) / everyMs));
    for (; told < due; told += 1) tell(sessionId);
    if (told < lines) return;
    clearInterval(timer);
    answer(id, { stopReason: 'end_turn' });
  }, everyMs);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'session/prompt') prompt(id, params);
  else if (id !== undefined) answer(id, answers[method]?.(params) ?? {});
});
