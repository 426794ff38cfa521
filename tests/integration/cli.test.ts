import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cliProgram, CliUnderTest, RUN_LIMIT_MS, type Status } from './cli-under-test.ts';
import { eventually } from './support/host-under-test.ts';

let bench: CliUnderTest;
beforeEach(() => {
  bench = new CliUnderTest();
});
afterEach(async () => await bench.end());

describe('a session', () => {
  it('goes from start over approvals and a question to its end', async () => {
    const sessionId = await bench.start('Write slugify.');
    const kinds: string[] = [];
    await eventually(async () => {
      for (const { id, kind } of await bench.json<{ id: string; kind: string }[]>(
        'approvals',
        '--session',
        sessionId,
      )) {
        const { stdout } = await bench.run('approvals', '--session', sessionId);
        // What the list tells a person to type is what answers the question.
        const content = /porchlight answer \S+ '(.*)'/u.exec(stdout)?.[1];
        const decide = kind === 'question' ? ['answer', id, content ?? ''] : ['approve', id];
        expect(await bench.json(...decide)).toEqual({ outcome: 'decided', receipt: 'delivered' });
        kinds.push(kind);
      }
      return (
        (await bench.json<{ turns: { outcome: string | null }[] }>('show', sessionId)).turns[0]
          ?.outcome ?? null
      );
    }, 40_000);
    expect(kinds).toEqual(['edit', 'execute', 'question', 'edit']);
    expect(readFileSync(join(bench.workspace, 'slugify.mjs'), 'utf8')).toContain('slugify');
    const events = await bench.events(sessionId);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect((await bench.run('watch', sessionId, '--no-follow')).stdout).toContain(
      'turn 1 completed',
    );
  });

  it('tells a lost decision as JSON', async () => {
    const sessionId = await bench.start('SCRIPT:shell cmd=true');
    const { id } = await bench.approvalOf(sessionId);
    expect(await bench.json('deny', id)).toMatchObject({ outcome: 'decided' });
    const late = await bench.run('approve', id, '--json');
    expect([late.code, JSON.parse(late.stdout)]).toEqual([
      1,
      { outcome: 'superseded', receipt: null },
    ]);
    const unknown = await bench.run('approve', 'a_zzzzzzzzzzzz', '--json');
    expect([unknown.code, unknown.stdout]).toEqual([1, '']);
  });

  it('is cancelled, stopped, resumed, put away, and changes its mode', async () => {
    const sessionId = await bench.start('SCRIPT:hang cancel=ok');
    await bench.until(sessionId, 'working');
    await bench.json('cancel', sessionId);
    await bench.until(sessionId, 'idle');
    expect(await bench.json('mode', sessionId, 'plan')).toMatchObject({ mode: 'plan' });
    expect(await bench.json('stop', sessionId)).toEqual({ state: 'ended' });
    expect(await bench.json('resume', sessionId)).toEqual({ state: 'idle' });
    await bench.json('stop', sessionId);
    await bench.json('archive', sessionId);
    expect([
      await bench.json('ls'),
      (await bench.json<{ id: string }[]>('ls', '--all')).map(({ id }) => id),
    ]).toEqual([[], [sessionId]]);
  });

  it('is refused with a reason, and nothing on stdout', async () => {
    const ran = [
      await bench.run('start', '--agent', 'no-such-agent', '--json'),
      await bench.run(
        'start',
        '--agent',
        'quick',
        '--cwd',
        join(bench.folder, 'nowhere'),
        '--json',
      ),
      await bench.run('start', '--agent', 'quick', '--isolate', 'worktree', '--json'),
      await bench.run('show', 's_zzzzzzzzzzzz', '--json'),
    ];
    expect(ran.map(({ code, stdout, stderr }) => [code, stdout, stderr.length > 20])).toEqual(
      ran.map(() => [1, '', true]),
    );
  });
});

describe('watch', () => {
  it('gives every event once though the host is killed again and again', async () => {
    const sessionId = await bench.start();
    const watching = bench.program('watch', sessionId, '--json');
    for (let kills = 0; kills < 3; kills += 1) {
      const seen = watching.numbers().length;
      await bench.json('send', sessionId, 'SCRIPT:stream n=700 rate=500');
      await eventually(async () => (watching.numbers().length > seen + 50 ? true : null));
      process.kill((await bench.json<Status>('host', 'status')).pid, 'SIGKILL');
    }
    await eventually(
      async () => (watching.stdout.split('"type":"turn.ended"').length > 3 ? true : null),
      40_000,
    );
    const numbers = watching.numbers();
    watching.child.kill('SIGINT');
    expect((await watching.done).code).toBe(0);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    const stored = await bench.events(sessionId);
    expect([
      numbers.length,
      stored.filter(({ type }) => type === 'agent.text').length >= 2_000,
    ]).toEqual([stored.length, true]);
  });

  it('ends when the host is stopped for good', async () => {
    const watching = bench.program('watch', await bench.start(), '--json');
    await eventually(async () => (watching.has('agent.started') ? true : null));
    await bench.json('host', 'stop', '--force');
    const { code, stderr } = await watching.done;
    expect([code, stderr.includes('porchlight host start')]).toEqual([3, true]);
  });

  it('ends quietly when its reader leaves', async () => {
    const sessionId = await bench.start('SCRIPT:stream n=5000 rate=2000');
    const shell = spawn(
      'sh',
      [
        '-c',
        '"$0" "$1" watch "$2" --json | head -n 3; sleep 0',
        process.execPath,
        cliProgram,
        sessionId,
      ],
      {
        env: bench.env,
        timeout: RUN_LIMIT_MS,
      },
    );
    let [out, err] = ['', ''];
    shell.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    shell.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    await new Promise((resolve) => shell.on('close', resolve));
    expect([out.trim().split('\n').length, err]).toEqual([3, '']);
  });
});

describe('a reader that leaves at once', () => {
  it.each([
    ['--help', 0],
    ['no-such-verb', 2],
  ])('changes nothing about the exit code of %s', async (argument, code) => {
    const child = spawn(process.execPath, [cliProgram, argument], {
      env: bench.env,
      timeout: RUN_LIMIT_MS,
    });
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(code);
  });
});

describe('doctor and logs', () => {
  it('find a running host in order, and give JSON alone', async () => {
    await bench.json('host', 'start');
    const rows = await bench.json<{ check: string; ok: boolean }[]>('doctor');
    expect(
      rows
        .filter(({ check }) =>
          [
            'node',
            'home',
            'socket',
            'config',
            'database',
            'disk',
            'host',
            'keeper',
            'agent demo',
          ].includes(check),
        )
        .every(({ ok }) => ok),
    ).toBe(true);
    const { stdout } = await bench.run('logs', '--json');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => typeof JSON.parse(line))
        .every((type) => type === 'object'),
    ).toBe(true);
  });
});
