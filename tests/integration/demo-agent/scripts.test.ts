import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { methods } from '@agentclientprotocol/sdk';
import { describe, expect, test } from 'vitest';
import { allow, deny, Driver } from './driver.ts';

/** The text that one prompt gets. */
async function said(
  prompt: string,
  options: ConstructorParameters<typeof Driver>[0] = {},
): Promise<string> {
  await using driver = new Driver(options);
  await driver.prompt(await driver.start(), prompt);
  return driver.text;
}

describe('scripts that stream', () => {
  test('stream sends every chunk once and in order, at the asked rate', async () => {
    await using driver = new Driver();
    const session = await driver.start();
    const start = performance.now();
    await driver.prompt(session, 'SCRIPT:stream n=500 rate=1000');
    const tookMs = performance.now() - start;
    const expected = Array.from({ length: 500 }, (_, n) => `chunk-${n} `).join('');
    expect([driver.text === expected, tookMs > 450]).toEqual([true, true]);
  });

  test('flood sends every byte', async () => {
    expect((await said('SCRIPT:flood mb=8')).length).toBe(8 * 1024 * 1024);
  });

  test('bigline is one update', async () => {
    await using driver = new Driver();
    await driver.prompt(await driver.start(), 'SCRIPT:bigline mb=4');
    const sizes = driver.updates.flatMap((update) =>
      update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text'
        ? [update.content.text.length]
        : [],
    );
    expect(sizes).toEqual([4 * 1024 * 1024, 'after the long line'.length]);
  });

  test('markdown arrives the same in words and in one piece', async () => {
    expect(await said('SCRIPT:markdown')).toBe(await said('SCRIPT:markdown whole=true'));
  });

  test('everything sends one of each kind that ACP v1 knows', async () => {
    await using driver = new Driver();
    await driver.prompt(await driver.start(), 'SCRIPT:everything');
    expect(new Set(driver.updates.map((update) => update.sessionUpdate))).toEqual(
      new Set([
        'user_message_chunk',
        'agent_message_chunk',
        'agent_thought_chunk',
        'tool_call',
        'tool_call_update',
        'plan',
        'available_commands_update',
        'current_mode_update',
        'config_option_update',
        'session_info_update',
        'usage_update',
        'notice',
        'compaction_update',
        'compaction_summary_chunk',
      ]),
    );
  });

  test('an unknown script is answered with the known ones', async () => {
    expect(await said('SCRIPT:constructor')).toMatch(/no script `constructor`.*stream.*everything/);
  });
});

describe('scripts that ask', () => {
  test('approve asks for all calls at once when told to', async () => {
    await using driver = new Driver({
      // Nothing is answered until all three have been asked.
      onPermission: async () => {
        if (driver.permissions.length >= 3) askedAll();
        await allAsked;
        return allow;
      },
    });
    let askedAll = (): void => {};
    const allAsked = new Promise<void>((resolve) => (askedAll = resolve));
    await driver.prompt(await driver.start(), 'SCRIPT:approve n=3 parallel=true');
    expect(driver.text).toBe('Decisions: allowed, allowed, allowed.');
  });

  test('approve asks for one call only when the one before is decided', async () => {
    const log: string[] = [];
    await said('SCRIPT:approve n=2', {
      onPermission: async ({ toolCall }) => {
        log.push(`asked ${toolCall.title}`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`decided ${toolCall.title}`);
        return allow;
      },
    });
    expect(log).toEqual([
      'asked light lamp 1',
      'decided light lamp 1',
      'asked light lamp 2',
      'decided light lamp 2',
    ]);
  });

  test('approve says each decision', async () => {
    let n = 0;
    expect(
      await said('SCRIPT:approve n=3', { onPermission: async () => (n++ === 1 ? deny : allow) }),
    ).toBe('Decisions: allowed, refused, allowed.');
  });

  test('question says the answer, and that there was none', async () => {
    expect([
      await said('SCRIPT:question', {
        onForm: async () => ({ action: 'accept', content: { lamp: 'hall' } }),
      }),
      await said('SCRIPT:question'),
    ]).toEqual(['Answer: {"lamp":"hall"}', 'No answer.']);
  });

  test('edit writes below the folder and nowhere else', async () => {
    await using driver = new Driver();
    const session = await driver.start();
    await driver.prompt(session, 'SCRIPT:edit path=a/b.txt text=Good evening');
    const escaped = `../${driver.folder.split('/').at(-1)}-escaped.txt`;
    await driver.prompt(session, `SCRIPT:edit path=${escaped} text=no`);
    expect([
      readFileSync(join(driver.folder, 'a/b.txt'), 'utf8'),
      existsSync(join(driver.folder, escaped)),
      driver.permissions.length,
    ]).toEqual(['Good evening\n', false, 1]);
  });

  test('shell really runs, and not when refused', async () => {
    const command = 'SCRIPT:shell cmd=echo lit > lamp.txt; exit 4';
    await using yes = new Driver();
    await yes.prompt(await yes.start(), command);
    await using no = new Driver({ onPermission: async () => deny });
    await no.prompt(await no.start(), command);
    expect([
      yes.text,
      readFileSync(join(yes.folder, 'lamp.txt'), 'utf8'),
      no.text,
      readdirSync(no.folder),
    ]).toEqual(['Exit code 4.', 'lit\n', 'Not run.', ['.state']]);
  });
});

describe('scripts about the surroundings', () => {
  test('env tells names, and one value', async () => {
    const names = (await said('SCRIPT:env')).split('\n');
    expect([
      names.includes('XDG_STATE_HOME'),
      await said('SCRIPT:env name=NOT_SET_ANYWHERE'),
    ]).toEqual([true, 'NOT_SET_ANYWHERE is not set']);
  });

  test('unknown reports what the client answered to a method it does not know', async () => {
    expect(await said('SCRIPT:unknown')).toMatch(/^Refused with code -32601/);
  });

  test('mode-drift tells the client of a mode that nobody set', async () => {
    await using driver = new Driver();
    await driver.prompt(await driver.start(), 'SCRIPT:mode-drift mode=auto');
    expect(driver.updates).toContainEqual({
      sessionUpdate: 'current_mode_update',
      currentModeId: 'auto',
    });
  });

  test('image counts the images of a prompt', async () => {
    await using driver = new Driver();
    const sessionId = await driver.start();
    await driver.connection.agent.request(methods.agent.session.prompt, {
      sessionId,
      prompt: [
        { type: 'text', text: 'SCRIPT:image' },
        { type: 'image', mimeType: 'image/png', data: 'AAAA' },
      ],
    });
    expect(driver.text).toBe('The prompt had 1 images.');
  });

  test.runIf(process.platform === 'linux')(
    'child leaves a process that outlives the agent',
    async () => {
      await using driver = new Driver();
      await driver.prompt(await driver.start(), 'SCRIPT:child orphan=true');
      const pid = Number(/child pid (\d+)/.exec(driver.text)?.[1]);
      driver.child.stdin?.end();
      await driver.exited();
      const alive = existsSync(`/proc/${pid}`);
      process.kill(pid, 'SIGKILL');
      expect(alive).toBe(true);
    },
  );
});
