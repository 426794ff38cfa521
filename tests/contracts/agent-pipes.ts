import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentPipes } from '../../src/host/keeper-link/agent-pipes.ts';
import type { KeeperNotice, SpawnSpec } from '../../src/protocol/keeper.ts';

/** Keeps what a host is told, and waits for it. */
export interface PipesUnderTest {
  /** Another host's pipes; those before are closed. */
  connect(): Promise<AgentPipes>;
  /**
   * An agent that answers each stdin line with `echo:` and the line, and exits with the code when
   * it is told `exit <code>`; `count` first prints `line:1` and so on; `complain` says `not signed
   * in` on stderr and exits 3; `missing` cannot be started.
   */
  spec(
    instance: string,
    what: 'echo' | 'count' | 'complain' | 'missing',
    lines?: number,
  ): SpawnSpec;
  close(): Promise<void>;
}

/** What every implementation of {@link AgentPipes} does alike. */
export function agentPipesContract(name: string, make: () => Promise<PipesUnderTest>): void {
  describe(`agent pipes: ${name}`, { timeout: 60_000 }, () => {
    let under: PipesUnderTest;
    let pipes: AgentPipes;
    let notices: KeeperNotice[];

    const connect = async (): Promise<void> => {
      pipes = await under.connect();
      const mine: KeeperNotice[] = [];
      notices = mine;
      pipes.notices.on((notice) => void mine.push(notice));
    };
    const told = async (holds: () => boolean): Promise<void> => {
      const deadline = Date.now() + 15_000;
      while (!holds()) {
        if (Date.now() > deadline)
          throw new Error(`Not told within 15 s; told so far: ${JSON.stringify(notices)}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const lines = (): string[] =>
      notices.flatMap((notice) =>
        notice.tell === 'line' ? [`${notice.offset} ${notice.line}`] : [],
      );
    const code = async (call: Promise<unknown>): Promise<unknown> =>
      await call.then(
        () => 'done',
        (error: { code?: string }) => error.code,
      );

    beforeEach(async () => {
      under = await make();
      await connect();
    });
    afterEach(async () => await under.close());

    it('a spawned agent is listed, and spawned once however often it is asked for', async () => {
      const first = await pipes.spawn(under.spec('i_one', 'echo'));
      const again = await pipes.spawn(under.spec('i_one', 'count', 5));
      expect([first.pid === again.pid, first]).toEqual([
        true,
        {
          instance: 'i_one',
          pid: expect.any(Number),
          state: 'running',
          code: null,
          signal: null,
          spawnError: null,
          lastOffset: 0,
          ackedOffset: 0,
          lastWritten: 0,
        },
      ]);
      expect((await pipes.list()).map(({ instance }) => instance)).toEqual(['i_one']);
    });

    it('lines are numbered from 1 and come in order, with caughtUp after those that were there', async () => {
      await pipes.spawn(under.spec('i_one', 'count', 3));
      await pipes.attach('i_one', 0);
      await told(() => lines().length === 3);
      await pipes.write('i_one', 1, 'hello');
      await told(() => lines().length === 4);
      expect(lines()).toEqual(['1 line:1', '2 line:2', '3 line:3', '4 echo:hello']);
      expect(notices.filter(({ tell }) => tell === 'caughtUp').length).toBe(1);
    });

    it('an attach replays what comes after its offset, again if asked again', async () => {
      await pipes.spawn(under.spec('i_one', 'count', 4));
      await pipes.attach('i_one', 0);
      await told(() => lines().length === 4);
      notices.length = 0;
      await pipes.attach('i_one', 2);
      await told(() => notices.some(({ tell }) => tell === 'caughtUp'));
      expect(notices).toEqual([
        { tell: 'line', instance: 'i_one', offset: 3, line: 'line:3' },
        { tell: 'line', instance: 'i_one', offset: 4, line: 'line:4' },
        { tell: 'caughtUp', instance: 'i_one', offset: 4 },
      ]);
    });

    it('the next host gets what was not acknowledged, and goes on', async () => {
      await pipes.spawn(under.spec('i_one', 'count', 4));
      await pipes.attach('i_one', 0);
      await told(() => lines().length === 4);
      pipes.ack('i_one', 3);
      await pipes.write('i_one', 1, 'before');
      await told(() => lines().length === 5);
      const before = pipes;
      let reason = '';
      before.closed.on((why) => (reason = why));
      await connect();
      await told(() => reason !== '');
      const status = await pipes.attach('i_one', 0);
      await told(() => lines().length === 2);
      await pipes.write('i_one', 2, 'after');
      await told(() => lines().length === 3);
      expect([lines(), status.ackedOffset, status.lastWritten, await code(before.list())]).toEqual([
        ['4 line:4', '5 echo:before', '6 echo:after'],
        3,
        1,
        undefined,
      ]);
    });

    it('a written line is written once, and none is left out', async () => {
      await pipes.spawn(under.spec('i_one', 'echo'));
      await pipes.attach('i_one', 0);
      const results = [
        await pipes.write('i_one', 1, 'a'),
        await pipes.write('i_one', 1, 'a'),
        await code(pipes.write('i_one', 3, 'c')),
        await code(pipes.write('i_one', 2, 'two\nlines')),
        await pipes.write('i_one', 2, 'b'),
      ];
      await told(() => lines().length === 2);
      expect([results, lines()]).toEqual([
        [
          { lastWritten: 1, duplicate: false },
          { lastWritten: 1, duplicate: true },
          'gap',
          'badRequest',
          { lastWritten: 2, duplicate: false },
        ],
        ['1 echo:a', '2 echo:b'],
      ]);
    });

    it('the processes of an instance are those that run: its own first, none once it is gone', async () => {
      const { pid } = await pipes.spawn(under.spec('i_one', 'echo'));
      const [first, again] = [await pipes.processes('i_one'), await pipes.processes('i_one')];
      expect([first, again]).toEqual([
        [{ pid, startedAt: expect.stringMatching(/./), parent: expect.any(Number) }],
        first,
      ]);
      await pipes.end('i_one');
      expect([await pipes.processes('i_one'), await code(pipes.processes('i_none'))]).toEqual([
        [],
        'unknownInstance',
      ]);
    });

    it('an exit comes after the last line, and is told again to who attaches later', async () => {
      await pipes.spawn(under.spec('i_one', 'count', 2));
      await pipes.attach('i_one', 0);
      await pipes.write('i_one', 1, 'exit 7');
      await told(() => notices.some(({ tell }) => tell === 'exited'));
      const status = {
        instance: 'i_one',
        pid: expect.any(Number),
        state: 'exited',
        code: 7,
        signal: null,
        spawnError: null,
        lastOffset: 2,
        ackedOffset: 0,
        lastWritten: 1,
      };
      expect([lines().length, notices.at(-1)]).toEqual([2, { tell: 'exited', status }]);
      notices.length = 0;
      await pipes.attach('i_one', 1);
      await told(() => notices.some(({ tell }) => tell === 'exited'));
      expect(notices.map(({ tell }) => tell)).toEqual(['line', 'caughtUp', 'exited']);
      expect(await code(pipes.write('i_one', 2, 'too late'))).toBe('exited');
    });

    it('one that cannot be started has exited with the reason', async () => {
      const status = await pipes.spawn(under.spec('i_one', 'missing'));
      await pipes.attach('i_one', 0);
      await told(() => notices.some(({ tell }) => tell === 'exited'));
      expect([
        status.state,
        status.pid,
        status.spawnError,
        notices.map(({ tell }) => tell),
      ]).toEqual(['exited', null, 'ENOENT', ['caughtUp', 'exited']]);
    });

    it('what was said on stderr before anybody was attached is not lost', async () => {
      await pipes.spawn(under.spec('i_one', 'complain'));
      await told(() => true);
      await pipes.attach('i_one', 0);
      await told(() => notices.some(({ tell }) => tell === 'exited'));
      expect([
        notices.flatMap((notice) => (notice.tell === 'stderr' ? [notice.text] : [])).join(''),
        notices.at(-1),
      ]).toMatchObject(['not signed in\n', { status: { code: 3 } }]);
    });

    it('an ended one is gone, can be forgotten, and may be ended twice', async () => {
      await pipes.spawn(under.spec('i_one', 'echo'));
      await pipes.attach('i_one', 0);
      expect(await code(pipes.forget('i_one'))).toBe('running');
      await pipes.end('i_one');
      await pipes.end('i_one');
      await told(() => notices.some(({ tell }) => tell === 'exited'));
      await pipes.forget('i_one');
      expect([await pipes.list(), notices.at(-1)]).toMatchObject([
        [],
        { tell: 'exited', status: { state: 'exited', signal: 'SIGTERM' } },
      ]);
    });

    it('an unknown one is refused everywhere, and an ack about it does no harm', async () => {
      pipes.ack('i_none', 5);
      expect(
        await Promise.all(
          [
            pipes.attach('i_none', 0),
            pipes.write('i_none', 1, ''),
            pipes.end('i_none'),
            pipes.forget('i_none'),
          ].map(code),
        ),
      ).toEqual(Array(4).fill('unknownInstance'));
    });
  });
}
