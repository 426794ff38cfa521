import { isAbsolute, join, relative, resolve } from 'node:path';
import { flagKey, numberKey } from '../script-line.ts';
import type { Permission, Turn } from '../turn.ts';
import type { Scripts } from './script.ts';
import { editFiles, runCommand } from './steps.ts';

/** Approvals, a question, one edit, one command. */
export const asking: Scripts = {
  approve: {
    keys: 'n=3 parallel=true',
    does: 'n approvals, one after the other or all at once, whatever the mode; says what was decided',
    async run(turn, line) {
      const count = numberKey(line, 'n', 3, { min: 0, max: 1_000 });
      const decisions: Permission[] = [];
      if (flagKey(line, 'parallel'))
        decisions.push(
          ...(await Promise.all(Array.from({ length: count }, (_, n) => approve(turn, n + 1, 0)))),
        );
      else for (let n = 1; n <= count; n += 1) decisions.push(await approve(turn, n, 0));
      await turn.chunk(`Decisions: ${decisions.join(', ')}.`);
    },
  },
  'approve-slow': {
    keys: 'seconds=2',
    does: 'one approval, and a call that runs that long once it is allowed',
    async run(turn, line) {
      const seconds = numberKey(line, 'seconds', 2, { min: 0, max: 86_400 });
      await turn.chunk(`Decision: ${await approve(turn, 1, seconds * 1_000)}.`);
    },
  },
  question: {
    keys: '',
    does: 'one question: a choice, an optional text, a yes or no; says the answer',
    async run(turn) {
      if (!turn.client.canAskForms) {
        await turn.chunk('This client takes no questions.');
        return;
      }
      const answer = await turn.form('Which lamp should be lit?', {
        type: 'object',
        properties: {
          lamp: { type: 'string', title: 'Lamp', enum: ['porch', 'hall', 'none'] },
          note: { type: 'string', title: 'Note' },
          dimmed: { type: 'boolean', title: 'Dimmed', default: false },
        },
        required: ['lamp'],
      });
      await turn.chunk(answer === null ? 'No answer.' : `Answer: ${JSON.stringify(answer)}`);
    },
  },
  edit: {
    keys: 'path=notes.txt text=…',
    does: 'writes a file in the folder, asking where the mode asks',
    async run(turn, line) {
      const path = resolve(turn.cwd, line.keys.path ?? 'notes.txt');
      const fromHere = relative(turn.cwd, path);
      if (fromHere === '' || fromHere.startsWith('..') || isAbsolute(fromHere)) {
        await turn.chunk(`I write only below ${turn.cwd}.`);
        return;
      }
      const text = line.keys.text ?? 'The lamp is lit.';
      const done = await editFiles(turn, `Write ${fromHere}`, [
        { path: join(turn.cwd, fromHere), newText: text.endsWith('\n') ? text : `${text}\n` },
      ]);
      await turn.chunk(done ? `Wrote ${fromHere}.` : `Did not write ${fromHere}.`);
    },
  },
  shell: {
    keys: 'cmd=…',
    does: 'runs a command in the folder, asking where the mode asks; says its exit code',
    async run(turn, line) {
      const command = line.keys.cmd ?? 'echo the lamp is lit';
      const result = await runCommand(turn, { command, why: 'You told me to', cwd: turn.cwd });
      await turn.chunk(result === null ? 'Not run.' : `Exit code ${result.code}.`);
    },
  },
};

async function approve(turn: Turn, n: number, runsMs: number): Promise<Permission> {
  const command = `light lamp ${n}`;
  const id = await turn.tool({
    title: command,
    name: 'Lamp',
    kind: 'execute',
    rawInput: { command, lamp: n },
    locations: [],
    content: [{ type: 'content', content: { type: 'text', text: `Lights lamp ${n}` } }],
  });
  const permission = await turn.ask(id);
  if (permission === 'allowed') {
    await turn.toolChanged(id, { status: 'in_progress' });
    if (runsMs > 0) await turn.clock.sleep(runsMs, turn.signal);
  }
  await turn.toolChanged(id, { status: permission === 'allowed' ? 'completed' : 'failed' });
  return permission;
}
