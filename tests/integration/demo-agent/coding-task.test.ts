import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allow, deny, Driver } from './driver.ts';

const kinds = (driver: Driver): (string | undefined)[] =>
  driver.permissions.map(({ toolCall }) => toolCall.kind ?? undefined);
const files = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name !== '.state')
    .sort();

describe('the coding task', () => {
  test('asks for two edits and a command, asks one question, and leaves a function that works', async () => {
    await using driver = new Driver({
      onForm: async () => ({ action: 'accept', content: { accents: 'keep', note: 'for a blog' } }),
    });
    const session = await driver.start();
    const result = await driver.prompt(session, 'Show me what you do');
    expect({
      stop: result.stopReason,
      asked: kinds(driver),
      diffs: driver.permissions.map(
        ({ toolCall }) => toolCall.content?.filter(({ type }) => type === 'diff').length,
      ),
      questions: driver.forms.length,
      files: files(driver.folder),
      verdict: /All three tests pass/.test(driver.text),
      code: driver.text.includes('```js\n'),
      note: driver.text.includes('for a blog'),
      keepsAccents: readFileSync(join(driver.folder, 'slugify.mjs'), 'utf8').includes('Letter'),
    }).toEqual({
      stop: 'end_turn',
      asked: ['edit', 'execute', 'edit'],
      diffs: [2, 0, 1],
      questions: 1,
      files: ['slugify.mjs', 'slugify.test.mjs'],
      verdict: true,
      code: true,
      note: true,
      keepsAccents: true,
    });
  });

  test('shows a plan of four that ends completed, a title, thoughts, usage and commands', async () => {
    await using driver = new Driver();
    const session = await driver.start();
    await driver.prompt(session, 'Go');
    const plans = driver.updates.flatMap((update) =>
      update.sessionUpdate === 'plan' ? [update.entries] : [],
    );
    const seen = new Set(driver.updates.map((update) => update.sessionUpdate));
    expect({
      plans: plans.map((entries) => entries.filter(({ status }) => status === 'completed').length),
      size: plans.at(0)?.length,
      seen: [...seen].sort(),
    }).toEqual({
      plans: [0, 1, 2, 3, 4],
      size: 4,
      seen: [
        'agent_message_chunk',
        'agent_thought_chunk',
        'available_commands_update',
        'plan',
        'session_info_update',
        'tool_call',
        'tool_call_update',
        'usage_update',
      ],
    });
  });

  test('each tool call goes from pending over in progress to its end', async () => {
    await using driver = new Driver();
    const session = await driver.start();
    await driver.prompt(session, 'Go');
    const statuses = new Map<string, unknown[]>();
    for (const update of driver.updates)
      if (update.sessionUpdate === 'tool_call' || update.sessionUpdate === 'tool_call_update')
        statuses.set(update.toolCallId, [
          ...(statuses.get(update.toolCallId) ?? []),
          update.status,
        ]);
    expect([...statuses.values()]).toEqual([
      ['pending', 'in_progress', 'completed'],
      ['pending', 'in_progress', 'completed'],
      ['pending', 'in_progress', 'failed'],
      ['pending', 'in_progress', 'completed'],
      ['pending', 'in_progress', 'completed'],
    ]);
  });

  test.each([
    ['ask', ['edit', 'execute', 'edit'], 1, 2],
    ['edits', ['execute'], 1, 2],
    ['plan', [], 0, 0],
    ['auto', [], 0, 2],
  ])('in mode %s asks for %j', async (mode, asked, questions, written) => {
    await using driver = new Driver();
    const session = await driver.start();
    await driver.setMode(session, mode);
    const { stopReason } = await driver.prompt(session, 'Go');
    expect([stopReason, kinds(driver), driver.forms.length, files(driver.folder).length]).toEqual([
      'end_turn',
      asked,
      questions,
      written,
    ]);
  });

  test('a refused first edit leaves the folder alone and ends the turn in peace', async () => {
    await using driver = new Driver({ onPermission: async () => deny });
    const session = await driver.start();
    const { stopReason } = await driver.prompt(session, 'Go');
    expect([stopReason, kinds(driver), files(driver.folder)]).toEqual(['end_turn', ['edit'], []]);
  });

  test('a refused command is not run, and the repair is still offered', async () => {
    await using driver = new Driver({
      onPermission: async ({ toolCall }) => (toolCall.kind === 'execute' ? deny : allow),
    });
    const session = await driver.start();
    await driver.prompt(session, 'Go');
    expect([kinds(driver), driver.text.includes('I did not run the tests')]).toEqual([
      ['edit', 'execute', 'edit'],
      true,
    ]);
  });

  test('an answer with an option that was never offered is a refusal', async () => {
    await using driver = new Driver({
      onPermission: async () => ({
        outcome: { outcome: 'selected', optionId: 'allow-everything' },
      }),
    });
    const session = await driver.start();
    await driver.prompt(session, 'Go');
    expect(files(driver.folder)).toEqual([]);
  });

  test('"do not ask again" holds for that kind of call in that session only', async () => {
    await using driver = new Driver({
      onPermission: async () => ({ outcome: { outcome: 'selected', optionId: 'always' } }),
    });
    const first = await driver.start();
    await driver.prompt(first, 'Go');
    await driver.prompt(first, 'Again');
    const asked = kinds(driver);
    await driver.prompt(await driver.start(), 'In another one');
    expect([asked, kinds(driver).length]).toEqual([['edit', 'execute'], 4]);
  });

  test('a client without forms is told what would have been asked', async () => {
    await using driver = new Driver({ forms: false });
    const session = await driver.start();
    await driver.prompt(session, 'Go');
    expect([driver.forms.length, driver.text.includes('takes no questions')]).toEqual([0, true]);
  });

  test('a repository with a person’s files gets a folder of its own beside them', async () => {
    await using driver = new Driver();
    mkdirSync(join(driver.folder, '.git'));
    writeFileSync(join(driver.folder, 'slugify.mjs'), 'mine');
    const session = await driver.start();
    await driver.prompt(session, 'Go');
    expect([
      readFileSync(join(driver.folder, 'slugify.mjs'), 'utf8'),
      readdirSync(join(driver.folder, 'porchlight-demo')),
    ]).toEqual(['mine', ['slugify.mjs', 'slugify.test.mjs']]);
  });

  test('twice in a row works twice, and a second prompt meanwhile waits for the first', async () => {
    await using driver = new Driver();
    const session = await driver.start();
    const results = await Promise.all([
      driver.prompt(session, 'Go'),
      driver.prompt(session, 'Again'),
    ]);
    expect([results.map(({ stopReason }) => stopReason), kinds(driver).length]).toEqual([
      ['end_turn', 'end_turn'],
      6,
    ]);
  });
});
