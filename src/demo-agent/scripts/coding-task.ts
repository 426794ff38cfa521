import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Turn } from '../turn.ts';
import type { Script } from './script.ts';
import {
  FIRST_SOURCE,
  repairedSource,
  SOURCE,
  TEST,
  TEST_SOURCE,
  type Accents,
} from './slugify.ts';
import { editFiles, runCommand } from './steps.ts';
import { testCommand, textOf, workFolder } from './workplace.ts';

const PLAN = [
  'Look at the folder',
  'Write slugify and its tests',
  'Run the tests',
  'Repair what they find',
] as const;

/** What an ordinary prompt gets: a small job as a real agent would do it, on real files. */
export const codingTask: Script = {
  keys: '',
  does: 'the short coding task that any ordinary prompt gets',
  async run(turn) {
    await turn.title('A slug for every title');
    await turn.pause(600);
    await turn.think(
      'The person tries me out, so I take a job that shows each step of the work. Titles that become the last part of a URL are small enough: one function, three tests, a bug that the tests find, a decision that is not mine to take, and the repair. First I look where I am, so that I touch nothing that is not mine. ',
    );
    const folder = workFolder(turn.cwd);
    await turn.say(
      'I am the **demo agent**: no model, no account, but real files and real commands. I write a `slugify` function with three tests, see what the tests find, and repair it.\n\n',
    );
    await turn.plan(PLAN, 0);
    await turn.pause(500);
    await lookAround(turn);
    await turn.plan(PLAN, 1);
    await turn.pause(700);
    if (turn.mode === 'plan') return await onlyPlan(turn, folder);

    if (textOf(join(folder, SOURCE)) !== null)
      await turn.say('My files from an earlier run are here. I start them over.\n\n');
    const wrote = await editFiles(turn, `Write ${SOURCE} and ${TEST}`, [
      { path: join(folder, SOURCE), newText: FIRST_SOURCE },
      { path: join(folder, TEST), newText: TEST_SOURCE },
    ]);
    if (!wrote)
      return await turn.say(
        'Then I leave your files as they are, and there is nothing more for me to do here.',
      );
    await turn.say(
      'Both files are written. The function takes the shortest way that comes to mind; the tests say what it should do with gaps and with the signs around the words.\n\n',
    );
    await turn.plan(PLAN, 2);
    await runAndRepair(turn, folder);
  },
};

async function lookAround(turn: Turn): Promise<void> {
  const id = await turn.tool({
    title: `List ${turn.cwd}`,
    name: 'List',
    kind: 'search',
    rawInput: { path: turn.cwd },
    locations: [{ path: turn.cwd }],
  });
  await turn.toolChanged(id, { status: 'in_progress' });
  await turn.pause(600);
  const names = readdirSync(turn.cwd).sort();
  const shown = names.slice(0, 20).join('\n');
  const text = names.length === 0 ? 'The folder is empty.' : shown;
  await turn.toolChanged(id, {
    status: 'completed',
    content: [{ type: 'content', content: { type: 'text', text } }],
    rawOutput: { entries: names.length },
  });
}

async function onlyPlan(turn: Turn, folder: string): Promise<void> {
  await turn.say(
    `The mode is *plan*, so I change nothing. I would write two files in \`${folder}\`, run \`${testCommand(process.env)}\`, and repair what fails. Switch to *ask* and send any prompt to see it done.`,
  );
}

async function runAndRepair(turn: Turn, folder: string): Promise<void> {
  const command = testCommand(process.env);
  await turn.think(
    'Now the tests, before I believe a word of it. `replace` with a string only takes the first match, so I expect trouble. ',
  );
  await turn.pause(500);
  const first = await runCommand(turn, {
    command,
    why: 'Run the tests now, and once more after the repair',
    cwd: folder,
  });
  await turn.pause(800);
  await turn.say(
    first === null
      ? 'Without running them I read the tests instead: only the first space becomes a dash, so two of three must fail.\n\n'
      : first.code === 0
        ? 'They pass, which I did not expect. I tidy the function all the same.\n\n'
        : 'Two of three fail: only the first space becomes a dash, and what is around the words is left in.\n\n',
  );
  await turn.plan(PLAN, 3);
  const accents = await askAccents(turn);
  const source = repairedSource(accents);
  await turn.think(
    'One expression for every run of other characters, then no dash at either end. That is two lines more than before, and each of them has its test. ',
  );
  await turn.pause(700);
  const repaired = await editFiles(turn, `Repair ${SOURCE}`, [
    { path: join(folder, SOURCE), newText: source },
  ]);
  if (!repaired)
    return await turn.say(
      `Then the bug stays, and \`${command}\` shows it. Nothing else was changed.`,
    );
  const second =
    first === null
      ? null
      : await runCommand(turn, {
          command,
          why: 'The same command, after the repair',
          cwd: folder,
          ask: false,
        });
  await turn.pause(700);
  await turn.plan(PLAN, 4);
  const verdict =
    second === null
      ? 'I did not run the tests'
      : second.code === 0
        ? 'All three tests pass'
        : 'The tests still fail, which is a bug of mine';
  await turn.say(
    `${verdict}. The function is now:\n\n\`\`\`js\n${source.split('\n').slice(2).join('\n')}\`\`\`\n\nBoth files are in \`${folder}\`.`,
  );
}

async function askAccents(turn: Turn): Promise<Accents> {
  if (turn.mode === 'auto') return 'plain';
  if (!turn.client.canAskForms) {
    await turn.say(
      'I would ask what to do with accented letters, but this client takes no questions: *é* becomes *e*.\n\n',
    );
    return 'plain';
  }
  const answer = await turn.form('What should slugify do with accented letters, as in “Café”?', {
    type: 'object',
    title: 'Accented letters',
    properties: {
      accents: {
        type: 'string',
        title: 'Accented letters',
        default: 'plain',
        oneOf: [
          { const: 'plain', title: 'Make them plain (cafe)' },
          { const: 'keep', title: 'Keep them (café)' },
          { const: 'drop', title: 'Leave them out (caf)' },
        ],
      },
      note: { type: 'string', title: 'Anything else I should know?', maxLength: 400 },
    },
    required: ['accents'],
  });
  if (answer === null) {
    await turn.say('No answer is an answer: *é* becomes *e*.\n\n');
    return 'plain';
  }
  const { accents, note } = answer;
  if (typeof note === 'string' && note.trim() !== '') await turn.say(`Noted: “${note.trim()}”\n\n`);
  return accents === 'keep' || accents === 'drop' ? accents : 'plain';
}
