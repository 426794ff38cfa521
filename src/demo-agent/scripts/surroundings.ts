import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { isModeId } from '../modes.ts';
import { flagKey } from '../script-line.ts';
import type { Scripts } from './script.ts';

/** What the client gave us, and how it takes what it did not expect. */
export const surroundings: Scripts = {
  env: {
    keys: 'name=PATH',
    does: 'the names in its environment, one a line; with a name, that value',
    async run(turn, line) {
      const { name } = line.keys;
      if (name === undefined) await turn.chunk(Object.keys(process.env).sort().join('\n'));
      else
        await turn.chunk(
          name in process.env ? `${name}=${process.env[name]}` : `${name} is not set`,
        );
    },
  },
  child: {
    keys: 'orphan=true',
    does: 'leaves `sleep 600` in a session of its own and says its pid; orphan: its parent ends at once',
    async run(turn, line) {
      const wait = flagKey(line, 'orphan') ? '' : '; wait';
      const shell = spawn(
        'sh',
        ['-c', `setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $!${wait}`],
        {
          detached: true,
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      );
      const failed = once(shell, 'error').then(([error]) => String(error));
      const first = await Promise.race([
        once(shell.stdout, 'data').then(([data]) => String(data)),
        failed,
      ]);
      shell.unref();
      await turn.chunk(`child pid ${first.trim()}`);
    },
  },
  unknown: {
    keys: '',
    does: 'a notification and a request that ACP does not know; says what came back',
    async run(turn) {
      await turn.client.notify('porchlight-demo/lampFlickered', { lamp: 1 });
      try {
        const answer = await turn.client.request('porchlight-demo/lightLamp', { lamp: 1 });
        await turn.chunk(`Answered: ${JSON.stringify(answer)}`);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : 'none';
        await turn.chunk(
          `Refused with code ${code}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    },
  },
  'mode-drift': {
    keys: 'mode=auto',
    does: 'changes its mode by itself and says so to the client',
    async run(turn, line) {
      const mode = line.keys.mode ?? 'auto';
      if (isModeId(mode)) await turn.switchMode(mode);
      else await turn.update({ sessionUpdate: 'current_mode_update', currentModeId: mode });
      await turn.chunk(`The mode is ${mode} now.`);
    },
  },
};
