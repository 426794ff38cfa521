import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RpcFailure } from '../../../src/protocol/errors.ts';
import { CliBench } from './run-cli.ts';

const FIRST_COMMAND = '01920000-0000-7000-8000-000000000001';

let bench: CliBench;
beforeEach(async () => {
  bench = new CliBench();
  await bench.up();
});
afterEach(async () => await bench.down());

const lastCall = () => bench.host.calls.at(-1);

describe('ls and show', () => {
  it('give an empty array when there are no sessions', async () => {
    expect(await bench.json('ls')).toEqual({ code: 0, value: [], stderr: '' });
  });

  it('give the rows of the contract and nothing more', async () => {
    const id = bench.host.addSession({ title: 'Fix it', cwd: '/p' });
    expect(await bench.json('ls')).toEqual({
      code: 0,
      stderr: '',
      value: [
        {
          id,
          agent: 'demo',
          title: 'Fix it',
          cwd: '/p',
          worktree: null,
          state: 'idle',
          mode: 'ask',
          approvals: 0,
          lastSeq: 2,
          sharedWith: [],
          createdAt: '2026-11-21T08:00:00.010Z',
          updatedAt: '2026-11-21T08:00:00.020Z',
        },
      ],
    });
  });

  it('keep archived sessions for --all', async () => {
    const id = bench.host.addSession();
    await bench.run(['archive', id]);
    const [left, all] = [await bench.json('ls'), await bench.json('ls', '--all')];
    expect([left.value, (all.value as { id: string }[]).map((row) => row.id)]).toEqual([[], [id]]);
  });

  it('show no control characters of a hostile title', async () => {
    bench.host.addSession({ title: 'a\u001b]0;owned\u0007\u202eb' });
    const { stdout } = await bench.run(['ls']);
    expect(stdout).toContain('a‹U+001B›]0;owned‹U+0007›‹U+202E›b');
  });

  it('say how a session stands, and what is wrong with the host, to people alone', async () => {
    const id = bench.host.addSession();
    const until = '2026-11-21T12:00:00.000Z';
    bench.host.append(id, { type: 'session.parked', until, reason: 'limit', attempt: 1 });
    bench.host.problems = [{ id: 'disk', message: 'The disk is full.' }];
    const text = await bench.run(['ls']);
    expect([text.stdout.includes('parked until'), text.stderr]).toEqual([
      true,
      '! The disk is full.\n',
    ]);
    expect(await bench.json('ls')).toMatchObject({ code: 0, stderr: '' });
  });

  it('show a session with turns, queue and usage', async () => {
    const id = bench.host.addSession();
    const { value } = await bench.json('show', id);
    expect(value).toMatchObject({
      id,
      state: 'idle',
      approvals: 0,
      turns: [],
      queue: [],
      usage: null,
    });
  });

  it('find a session by the beginning of its id, but only for people', async () => {
    const id = bench.host.addSession();
    const [person, program] = [
      await bench.run(['show', id.slice(2)]),
      await bench.json('show', id.slice(2)),
    ];
    expect([person.code, person.stdout.split('\n')[0], program.code, program.value]).toEqual([
      0,
      id,
      1,
      undefined,
    ]);
  });

  it('refuse a beginning that fits several', async () => {
    bench.host.addSession();
    bench.host.addSession();
    const { code, stderr } = await bench.run(['show', '0000']);
    expect([code, stderr.includes('several')]).toEqual([1, true]);
  });
});

describe('start', () => {
  it('names the working directory, resolved, and waits with a command id', async () => {
    const { code, value } = await bench.json(
      'start',
      '--cwd',
      'sub/..//x',
      '--mode',
      'plan',
      '--title',
      'T',
      'do it',
    );
    expect([code, value, lastCall()]).toEqual([
      0,
      { sessionId: expect.stringMatching(/^s_/), cwd: '/work-folder/x', worktree: null },
      {
        method: 'session.start',
        params: {
          commandId: FIRST_COMMAND,
          cwd: '/work-folder/x',
          mode: 'plan',
          title: 'T',
          prompt: [{ type: 'text', text: 'do it' }],
        },
      },
    ]);
  });

  it('takes the folder npm was called in', async () => {
    await bench.run(['start'], {
      env: {
        PORCHLIGHT_HOME: bench.root,
        INIT_CWD: '/where/typed',
        npm_lifecycle_event: 'porchlight',
      },
    });
    expect(lastCall()).toMatchObject({ params: { cwd: '/where/typed' } });
  });

  it('reads a prompt from stdin', async () => {
    await bench.run(['start', '-'], {
      stdin: Readable.from([Buffer.from('from '), Buffer.from('stdin')]),
    });
    expect(lastCall()).toMatchObject({
      params: { prompt: [{ type: 'text', text: 'from stdin' }] },
    });
  });

  it('calls an ambiguous agent wrong usage', async () => {
    bench.host.handlers['session.start'] = () => {
      throw new RpcFailure('refused', 'Several agents are found: name one with --agent.', {
        kind: 'ambiguousAgent',
      });
    };
    expect(await bench.json('start')).toEqual({
      code: 2,
      value: undefined,
      stderr: 'porchlight: Several agents are found: name one with --agent.\n',
    });
  });

  it("tells the agent's own way to sign in", async () => {
    bench.host.handlers['session.start'] = () => {
      throw new RpcFailure('notSignedIn', 'Claude Code is not signed in.', {
        command: 'claude /login',
      });
    };
    expect(await bench.run(['start'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'porchlight: Claude Code is not signed in. Sign in with: claude /login\n',
    });
  });
});

describe('send, cancel, stop, resume, archive and mode', () => {
  it('send a prompt and tell its place in the queue', async () => {
    const id = bench.host.addSession();
    expect(await bench.json('send', id, 'go')).toEqual({
      code: 0,
      value: { commandId: FIRST_COMMAND, position: 0 },
      stderr: '',
    });
  });

  it('refuse an empty and an endless prompt before asking the host', async () => {
    const id = bench.host.addSession();
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1024 * 1024, 'x');
      })(),
    );
    const [empty, huge] = [
      await bench.run(['send', id, ' ']),
      await bench.run(['send', id, '-'], { stdin: endless }),
    ];
    expect([
      empty.code,
      huge.code,
      bench.host.calls.filter(({ method }) => method === 'session.send'),
    ]).toEqual([2, 1, []]);
  });

  it.each(['cancel', 'stop', 'resume', 'archive'])('%s gives the state', async (verb) => {
    const id = bench.host.addSession();
    expect(await bench.json(verb, id)).toEqual({
      code: 0,
      value: { state: verb === 'stop' ? 'ended' : 'idle' },
      stderr: '',
    });
  });

  it('have a turn that was cut short go on', async () => {
    const id = bench.host.addSession();
    expect(await bench.json('resume', id, '--continue')).toEqual({
      code: 0,
      value: { state: 'working' },
      stderr: '',
    });
    expect(bench.host.session(id).state.queue).toHaveLength(1);
  });

  it('set a mode of ours only', async () => {
    const id = bench.host.addSession();
    const [good, wrong] = [
      await bench.json('mode', id, 'edits'),
      await bench.json('mode', id, 'yolo'),
    ];
    expect([good.value, wrong.code, wrong.value]).toEqual([
      { mode: 'edits', version: 1 },
      2,
      undefined,
    ]);
  });

  it('exit 1 for a session that is not there', async () => {
    expect(await bench.json('send', 's_zzzzzzzzzzzz', 'x')).toEqual({
      code: 1,
      value: undefined,
      stderr: 'porchlight: There is no session s_zzzzzzzzzzzz.\n',
    });
  });
});

describe('agents', () => {
  const claude = {
    id: 'claude',
    name: 'Claude Code',
    found: false,
    version: null,
    command: null,
    from: null,
  };

  beforeEach(() => {
    bench.host.agents = [
      {
        ...claude,
        modes: ['ask'],
        installable: { version: '1', bytes: 400_000_000 },
        signIn: null,
      },
    ];
  });

  it('are listed as the contract says', async () => {
    expect(await bench.json('agents')).toEqual({ code: 0, value: [claude], stderr: '' });
  });

  it('are installed with progress on stderr only', async () => {
    expect(await bench.json('agents', 'install', 'claude')).toEqual({
      code: 0,
      value: [claude],
      stderr: 'claude: half of it 1 MB of 1 MB\n',
    });
  });
});

describe('usage', () => {
  it.each([
    [['nonsense'], 2],
    [['ls', '--nonsense'], 2],
    [['start', 'two', 'words'], 2],
    [['show'], 2],
    [['watch', 's_000000000001', '--since', '-1'], 2],
    [['watch', 's_000000000001', '--since', 'x'], 2],
    [['start', '--isolate', 'chroot'], 2],
    [['host'], 2],
    [['answer', 'a_000000000001', 'not json'], 2],
    [['answer', 'a_000000000001', '[1]'], 2],
    [[], 2],
  ])('%j exits %i with a message on stderr', async (argv, code) => {
    const ran = await bench.run(argv);
    expect([ran.code, ran.stdout, ran.stderr.length > 0]).toEqual([code, '', true]);
  });

  it.each([[['--help']], [['start', '--help']], [['--version']]])(
    '%j exits 0 and answers on stdout',
    async (argv) => {
      const ran = await bench.run(argv);
      expect([ran.code, ran.stdout.length > 0, ran.stderr]).toEqual([0, true, '']);
    },
  );

  it.each(['attach s_000000000001', 'acp'].map((line) => [line]))(
    '%s exits 1 and names the part that is missing',
    async (line) => {
      const ran = await bench.json(...line.split(' '));
      expect([
        ran.code,
        ran.value,
        ran.stderr.endsWith('is not part of this version yet.\n'),
      ]).toEqual([1, undefined, true]);
    },
  );
});
