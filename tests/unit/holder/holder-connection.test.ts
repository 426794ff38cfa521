import { beforeEach, describe, expect, it } from 'vitest';
import { OURS } from '../../fakes/fake-machine.ts';
import { FakeSocket } from '../../fakes/holder-world.ts';
import { holderStage, IDLE } from './holder-stage.ts';

let { time, machine, home, held, holding } = holderStage();
beforeEach(() => void ({ time, machine, home, held, holding } = holderStage()));

describe('a connection', () => {
  const connect = (): FakeSocket => {
    const socket = new FakeSocket();
    home.running?.holder.accept(socket.asSocket);
    return socket;
  };

  it('that says anything else than requests is closed, and so is one that says nothing', async () => {
    home.startHolder();
    const [garbage, huge, silent, endless] = [connect(), connect(), connect(), connect()];
    garbage.send('hello?\n');
    huge.send(`{"id":1,"do":"look","x":"${'x'.repeat(70_000)}"}\n`);
    endless.send('x'.repeat(70_000));
    await time.advance(4_000);
    const soon = [garbage, huge, silent, endless].map(({ isDestroyed }) => isDestroyed);
    await time.advance(2_000);
    expect([...soon, silent.isDestroyed]).toEqual([true, true, false, true, true]);
  });

  it('has to say hello first, in a protocol that is known, and is told what is wrong', async () => {
    home.startHolder();
    const socket = connect();
    socket.send('{"id":1,"do":"want","idle":true,"lid":false,"why":"x"}\n');
    socket.send('{"id":2,"do":"hello","protocol":9,"hostPid":1,"hostVersion":"1"}\n');
    socket.send('{"id":3,"do":"dance"}\n');
    socket.send('{"id":4,"do":"want","idle":true,"lid":false,"why":"two\\nlines"}\n');
    await time.advance(100);
    expect(
      socket.frames.flatMap((frame) =>
        typeof frame === 'object' && frame !== null && 'error' in frame ? [frame.error] : [],
      ),
    ).toMatchObject([
      { code: 'badRequest' },
      { code: 'badRequest' },
      { code: 'helloFirst' },
      { code: 'wrongProtocol' },
    ]);
  });

  it('that asks faster than it is answered is closed', async () => {
    await holding(IDLE);
    machine.mood = 'hangs';
    for (let times = 0; times < 40; times += 1) home.socket?.send(`{"id":${times},"do":"look"}\n`);
    expect(home.socket?.isDestroyed).toBe(true);
    await time.advance(0);
  });

  it('of a new host takes over from the old one, and what is held stays', async () => {
    await holding();
    const before = home.socket;
    const next = connect();
    next.send('{"id":1,"do":"hello","protocol":1,"hostPid":2,"hostVersion":"2"}\n');
    await time.advance(100);
    expect({ closed: before?.isDestroyed, answer: next.frames[0], held: held() }).toMatchObject({
      closed: true,
      answer: { id: 1, ok: { do: 'hello', effects: { lid: { effective: true } } } },
      held: { locks: ['delay', 'idle', 'lid'], lid: OURS },
    });
  });

  it('that asks to stop is answered when everything is undone', async () => {
    await holding();
    home.ask({ do: 'stop' });
    const { socket } = home;
    home.isHostAlive = false;
    await time.advance(1_000);
    expect({
      last: socket?.frames.at(-1),
      held: held(),
      processes: machine.processes.size,
    }).toMatchObject({ last: { ok: { do: 'stop' } }, held: { locks: [], lid: '1' }, processes: 0 });
  });
});
