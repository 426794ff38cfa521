// npm run chaos -- --minutes N --seed S: sessions at work while parts of Porchlight are killed at
// random, and every rule checked at the end. `npm run chaos -- sync` does it to the ways between
// devices, relay and host. What runs is in tests/chaos/.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programs, root } from './programs.mjs';
import { runMain, say } from './setup/say.mjs';
import { setUp } from './setup.mjs';

const usage = `npm run chaos -- [--minutes N] [--seed S] [--agents demo|all] [--sessions N] [--json]

Lets sessions work (16 of the demo agent, one of Claude Code, one of OpenCode, against a scripted
model) while host, keeper, agents and shells are killed, stopped and restarted as the seed says. At
the end nothing may be lost, doubled, orphaned or left over. The same seed gives the same plan.

  --minutes   3
  --seed      drawn and printed when it is not given
  --agents    demo: without the real agents
  --sessions  how many of the demo agent
  --json      prints [{name,value,unit,goal,holds}] and nothing else; progress goes to stderr

npm run chaos -- sync [--cuts N] [--seed S] [--json]

Lets phones and a local surface work with the same sessions while what is between them is cut, half
opened, delayed, changed and killed. At the end every history is the host's, byte by byte, and every
command was done once.

  --cuts      1000
`;

function parse(args) {
  const isSync = args[0] === 'sync';
  const options = isSync
    ? { sync: true, cuts: 1_000, seed: null, json: false }
    : { sync: false, minutes: 3, seed: null, agents: 'all', sessions: 16, json: false };
  const numbers = isSync ? ['--cuts', '--seed'] : ['--minutes', '--seed', '--sessions'];
  for (let index = isSync ? 1 : 0; index < args.length; index += 1) {
    const [name, given] = args[index].split('=', 2);
    if (name === '--json') {
      options.json = true;
      continue;
    }
    const value = given ?? args[(index += 1)];
    if (!isSync && name === '--agents' && (value === 'demo' || value === 'all'))
      options.agents = value;
    else if (numbers.includes(name) && Number(value) >= 0) options[name.slice(2)] = Number(value);
    else return null;
  }
  return options;
}

async function main(args) {
  const options = parse(args);
  if (options === null) {
    process.stderr.write(usage);
    return args.includes('--help') ? 0 : 2;
  }
  const seed = options.seed ?? Math.floor(Math.random() * 1_000_000);
  await setUp('test');
  const { compile } = await import('./compile.mjs');
  const { loadTypeScript } = await import('./load-typescript.mjs');
  await compile(
    ['keeper', 'host', 'relay', 'demo-agent'].filter((name) => name in programs),
    { log: say },
  );
  const file = options.sync ? join('sync', 'report.ts') : 'report.ts';
  const { module, close } = await loadTypeScript(join(root, 'tests', 'chaos', file));
  const home = await loadTypeScript(join(root, 'tests', 'own-home.ts'));
  const leaveHome = home.module.setup();
  await home.close();
  const temporary = mkdtempSync(join(tmpdir(), 'chaos-'));
  process.env.TMPDIR = temporary;
  say(
    options.sync
      ? `seed ${seed}, ${options.cuts} cuts`
      : `seed ${seed}, ${options.minutes} min, ${options.sessions} demo sessions, agents: ${options.agents}`,
  );
  let holds = false;
  try {
    const report = await (options.sync
      ? module.syncReport({ cuts: options.cuts, seed, say })
      : module.chaosReport({ ...options, seed, say }));
    ({ holds } = report);
    process.stdout.write(
      options.json ? `${JSON.stringify(report.figures, null, 2)}\n` : report.text,
    );
    return holds ? 0 : 1;
  } finally {
    if (holds) rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
    leaveHome();
    await close();
  }
}

await runMain(main);
