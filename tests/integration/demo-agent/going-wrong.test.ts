import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Driver } from './driver.ts';

describe('an agent that breaks in the middle of a turn', () => {
  test.each([
    ['SCRIPT:crash', { code: 3, signal: null }],
    ['SCRIPT:sigkill', { code: null, signal: 'SIGKILL' }],
  ])('%s dies after its words', async (script, end) => {
    await using driver = new Driver();
    const session = await driver.start();
    const turn = driver.prompt(session, script).catch((error: unknown) => error);
    expect([await driver.exited(), driver.text, (await turn) instanceof Error]).toEqual([
      end,
      'This sentence ends in the mid',
      true,
    ]);
  });

  test('tool-dangling leaves a call in progress', async () => {
    await using driver = new Driver();
    const turn = driver.prompt(await driver.start(), 'SCRIPT:tool-dangling').catch(() => null);
    const end = await driver.exited();
    await turn;
    expect([end.code, driver.updates.at(-1)]).toMatchObject([
      1,
      { sessionUpdate: 'tool_call_update', status: 'in_progress' },
    ]);
  });

  test('garbage between the lines does not end the turn', async () => {
    await using driver = new Driver();
    const { stopReason } = await driver.prompt(await driver.start(), 'SCRIPT:garbage n=20');
    expect([stopReason, driver.text]).toEqual(['end_turn', 'Before. After.']);
  });

  test.each([
    ['SCRIPT:auth', -32_000],
    ['SCRIPT:fail', -32_603],
  ])('%s fails the prompt, and the session goes on', async (script, code) => {
    await using driver = new Driver();
    const session = await driver.start();
    await expect(driver.prompt(session, script)).rejects.toMatchObject({ code });
    expect((await driver.prompt(session, 'SCRIPT:recall')).stopReason).toBe('end_turn');
  });

  test('refuse ends with the stop reason refusal', async () => {
    await using driver = new Driver();
    expect((await driver.prompt(await driver.start(), 'SCRIPT:refuse')).stopReason).toBe('refusal');
  });
});

describe('a cancel', () => {
  test.each([
    'SCRIPT:slow seconds=600',
    'SCRIPT:stream n=100000 rate=100',
    'SCRIPT:hang cancel=ok',
  ])('ends %s at once', async (script) => {
    await using driver = new Driver();
    const session = await driver.start();
    const turn = driver.prompt(session, script);
    await driver.until(
      () => driver.updates.some((update) => /chunk/.test(update.sessionUpdate)),
      'a first chunk',
    );
    const start = performance.now();
    await driver.cancel(session);
    expect([(await turn).stopReason, performance.now() - start < 1_000]).toEqual([
      'cancelled',
      true,
    ]);
  });

  test.runIf(process.platform === 'linux')(
    'kills the running command with all its children, and closes the call as failed',
    async () => {
      await using driver = new Driver();
      const session = await driver.start();
      const turn = driver.prompt(
        session,
        'SCRIPT:shell cmd=touch began; sleep 617 | sleep 617; touch survived',
      );
      await expect.poll(() => running('sleep 617')).toBe(true);
      await driver.cancel(session);
      const { stopReason } = await turn;
      await expect.poll(() => running('sleep 617')).toBe(false);
      expect([stopReason, driver.updates.at(-1), readdirSync(driver.folder).sort()]).toMatchObject([
        'cancelled',
        { sessionUpdate: 'tool_call_update', status: 'failed' },
        ['.state', 'began'],
      ]);
    },
  );

  test('withdraws an open approval, and an allow that comes later writes nothing', async () => {
    let answer = (): void => {};
    await using driver = new Driver({
      onPermission: async () =>
        await new Promise((resolve) => {
          answer = () => resolve({ outcome: { outcome: 'selected', optionId: 'yes' } });
        }),
    });
    const session = await driver.start();
    const turn = driver.prompt(session, 'SCRIPT:edit path=late.txt text=no');
    await driver.until(
      () => driver.updates.some(({ sessionUpdate }) => sessionUpdate === 'tool_call'),
      'the call',
    );
    await driver.cancel(session);
    const { stopReason } = await turn;
    answer();
    await driver.prompt(session, 'SCRIPT:recall');
    expect([stopReason, existsSync(join(driver.folder, 'late.txt'))]).toEqual(['cancelled', false]);
  });

  test('answered as cancelled is a cancel too, before the notification comes', async () => {
    await using driver = new Driver({
      onPermission: async () => ({ outcome: { outcome: 'cancelled' } }),
    });
    expect((await driver.prompt(await driver.start(), 'SCRIPT:approve')).stopReason).toBe(
      'cancelled',
    );
  });

  test('ends the waiting prompt as well, and the session takes the next', async () => {
    await using driver = new Driver();
    const session = await driver.start();
    const turns = [
      driver.prompt(session, 'SCRIPT:hang cancel=ok'),
      driver.prompt(session, 'SCRIPT:recall'),
    ];
    await driver.until(() => driver.text !== '', 'the first words');
    await driver.cancel(session);
    const reasons = (await Promise.all(turns)).map(({ stopReason }) => stopReason);
    expect([reasons, (await driver.prompt(session, 'SCRIPT:recall')).stopReason]).toEqual([
      ['cancelled', 'cancelled'],
      'end_turn',
    ]);
  });

  test('of nothing, or of an unknown session, is harmless', async () => {
    await using driver = new Driver();
    const session = await driver.start();
    await driver.cancel(session);
    await driver.cancel('nobody');
    expect((await driver.prompt(session, 'SCRIPT:recall')).stopReason).toBe('end_turn');
  });

  test('is ignored by a hanging agent, which still leaves when its stdin ends', async () => {
    await using driver = new Driver();
    const session = await driver.start();
    const turn = driver.prompt(session, 'SCRIPT:hang').catch(() => 'gone');
    await driver.until(() => driver.text !== '', 'the first words');
    await driver.cancel(session);
    driver.child.stdin?.end();
    expect([await driver.exited(), await turn]).toEqual([{ code: 0, signal: null }, 'gone']);
  });
});

describe('the end', () => {
  test('by a message over 32 MiB exits 1 and says so, as the real adapters do', async () => {
    await using driver = new Driver();
    const session = await driver.start();
    driver.child.stdin?.on('error', () => {});
    driver.prompt(session, 'x'.repeat(33 * 1024 * 1024)).catch(() => {});
    expect([(await driver.exited()).code, driver.stderr]).toEqual([
      1,
      expect.stringContaining('32 MiB'),
    ]);
  });

  test.runIf(process.platform === 'linux').each(['stdin', 'SIGTERM'] as const)(
    'by %s kills a running command and exits 0',
    async (how) => {
      await using driver = new Driver();
      const session = await driver.start();
      const turn = driver.prompt(session, 'SCRIPT:shell cmd=exec sleep 613').catch(() => {});
      await expect.poll(() => running('sleep 613')).toBe(true);
      if (how === 'stdin') driver.child.stdin?.end();
      else driver.child.kill('SIGTERM');
      const end = await driver.exited();
      await turn;
      await expect.poll(() => running('sleep 613')).toBe(false);
      expect(end).toEqual({ code: 0, signal: null });
    },
  );
});

/** Whether a process with this command line is alive, other than as a zombie. */
function running(commandLine: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => commandLineOf(pid) === commandLine);
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}
