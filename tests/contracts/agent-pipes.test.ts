import { KeeperUnderTest } from '../integration/keeper/keeper-under-test.ts';
import { MemoryKeeper, type MemoryAgent } from '../fakes/memory-keeper.ts';
import { agentPipesContract } from './agent-pipes.ts';

const echo: MemoryAgent = ({ say, exit, onLine }) =>
  onLine((line) => {
    const code = /^exit (\d+)$/.exec(line)?.[1];
    if (code === undefined) say(`echo:${line}`);
    else exit(Number(code));
  });

agentPipesContract('in memory', async () => {
  const keeper = new MemoryKeeper({
    echo,
    count: (io) => {
      for (let n = 1; n <= Number(io.spec.args[0]); n++) io.say(`line:${n}`);
      echo(io);
    },
    complain: ({ complain, exit }) => {
      complain('not signed in\n');
      exit(3);
    },
  });
  return {
    connect: async () => keeper.connect(),
    spec: (instance, what, lines) => ({
      instance,
      command: what,
      args: [String(lines)],
      cwd: '/',
      env: {},
    }),
    close: async () => {},
  };
});

agentPipesContract('the keeper', async () => {
  const keeper = new KeeperUnderTest();
  await keeper.start();
  return {
    connect: async () => (await keeper.connect()).link,
    spec: (instance, what, lines) =>
      what === 'missing'
        ? { ...keeper.spec(instance), command: '/no/such/program' }
        : keeper.spec(instance, what, String(lines)),
    close: async () => await keeper.close(),
  };
});
