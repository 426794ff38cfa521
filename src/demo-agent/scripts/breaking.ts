import { RequestError } from '@agentclientprotocol/sdk';
import { flagKey, numberKey } from '../script-line.ts';
import type { Scripts } from './script.ts';

/** Everything that an agent can do wrong in the middle of a turn. */
export const breaking: Scripts = {
  hang: {
    keys: 'cancel=ok',
    does: 'never answers; ignores a cancel unless told otherwise',
    async run(turn, line) {
      await turn.chunk('I stop here.');
      const { signal } = turn;
      await new Promise<never>((_, reject) => {
        if (flagKey(line, 'cancel'))
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    },
  },
  crash: {
    keys: 'code=3',
    does: 'exits with that code after some text',
    async run(turn, line) {
      await turn.chunk('This sentence ends in the mid');
      process.exit(numberKey(line, 'code', 3, { min: 0, max: 255 }));
    },
  },
  sigkill: {
    keys: '',
    does: 'kills itself after some text',
    async run(turn) {
      await turn.chunk('This sentence ends in the mid');
      process.kill(process.pid, 'SIGKILL');
    },
  },
  'tool-dangling': {
    keys: '',
    does: 'exits with 1 while a tool call is in progress',
    async run(turn) {
      const id = await turn.tool({
        title: 'Carry the lamp',
        kind: 'execute',
        rawInput: { command: 'carry lamp' },
      });
      await turn.toolChanged(id, { status: 'in_progress' });
      process.exit(1);
    },
  },
  garbage: {
    keys: 'n=5',
    does: 'n lines on stdout that are no protocol, then goes on',
    async run(turn, line) {
      const lines = numberKey(line, 'n', 5, { min: 0, max: 100_000 });
      await turn.chunk('Before. ');
      for (let n = 0; n < lines; n += 1)
        await turn.client.writeRaw(GARBAGE[n % GARBAGE.length] ?? '\n');
      await turn.chunk('After.');
    },
  },
  auth: {
    keys: '',
    does: 'the prompt fails with -32000, Authentication required',
    async run() {
      throw RequestError.authRequired();
    },
  },
  fail: {
    keys: '',
    does: 'the prompt fails with -32603',
    async run(turn) {
      await turn.chunk('The oil has run ');
      throw RequestError.internalError({ errorKind: 'rate_limit' }, 'the model is out of oil');
    },
  },
  refuse: {
    keys: '',
    does: 'ends with stop reason refusal',
    async run(turn) {
      await turn.chunk('I would rather not.');
      return 'refusal';
    },
  },
};

const GARBAGE = [
  'Warning: the lamp is hot\n',
  '{"jsonrpc":"2.0","method":"session/upd\n',
  '[1,2,3]\n',
  '\u0000\u0001\u001b[31mnot json\u001b[0m\n',
  '{"hello":"world"}\n',
];
