// npm run chaos -- --minutes N --seed S: sessions at work while parts of Porchlight are killed at
// random, and every rule checked at the end. `npm run chaos -- sync` does it to the ways between
// devices, relay and host, `-- relay` to a relay of many nodes. What runs is in tests/chaos/.
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

npm run chaos -- approvals [--runs N] [--kills N] [--seed S] [--json]

Plays interleavings of decisions, rules, cancels, expiry, withdrawals, crashes and reconnects on the
real desk and driver, over a keeper, agents and a disk in memory; then kills real processes while
approvals are decided. No call may run twice, or undecided, or after its cancel, and each approval
has one ending.

  --runs      10000
  --kills     0

npm run chaos -- notify [--events N] [--seed S] [--json]

Lets sessions ask for a person while the push service fails, devices come and go and the host is
killed, over the real attention and delivery and real HTTP, on a clock that runs ahead. Nothing may
be lost or told twice, and nothing still ask on a screen once it was decided.

  --events    10000

npm run chaos -- relay [--minutes N] [--seed S] [--json]

Lets hosts and devices talk through a relay of three nodes on a NATS of three, while nodes and NATS
servers are killed, stopped, restarted, cut off from one another and slowed. Nothing may be lost or
done twice, and nobody stay away who could be there. Gaps are measured first, while few are connected.

  --minutes   3
`;

const KINDS = {
  all: { numbers: ['--minutes', '--seed', '--sessions'], minutes: 3, agents: 'all', sessions: 16 },
  sync: { numbers: ['--cuts', '--seed'], cuts: 1_000 },
  approvals: { numbers: ['--runs', '--kills', '--seed'], runs: 10_000, kills: 0 },
  notify: { numbers: ['--events', '--seed'], events: 10_000 },
  relay: { numbers: ['--minutes', '--seed'], minutes: 3 },
};

function parse(args) {
  const what = Object.hasOwn(KINDS, args[0] ?? '') ? args[0] : 'all';
  const { numbers, ...given } = KINDS[what];
  const options = { ...given, what, seed: null, json: false };
  for (let index = what === 'all' ? 0 : 1; index < args.length; index += 1) {
    const [name, after] = args[index].split('=', 2);
    if (name === '--json') {
      options.json = true;
      continue;
    }
    const value = after ?? args[(index += 1)];
    if (what === 'all' && name === '--agents' && (value === 'demo' || value === 'all'))
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
  // All but that one start programs.
  if (options.what !== 'notify')
    await compile(
      ['keeper', 'host', 'holder', 'relay', 'demo-agent'].filter((name) => name in programs),
      { log: say },
    );
  const file = join(...(options.what === 'all' ? [] : [options.what]), 'report.ts');
  const { module, close } = await loadTypeScript(join(root, 'tests', 'chaos', file));
  const home = await loadTypeScript(join(root, 'tests', 'own-home.ts'));
  const leaveHome = home.module.setup();
  await home.close();
  const temporary = mkdtempSync(join(tmpdir(), 'chaos-'));
  process.env.TMPDIR = temporary;
  const told = {
    all: () =>
      `${options.minutes} min, ${options.sessions} demo sessions, agents: ${options.agents}`,
    sync: () => `${options.cuts} cuts`,
    approvals: () => `${options.runs} interleavings, ${options.kills} kills`,
    notify: () => `${options.events} events`,
    relay: () => `${options.minutes} min`,
  };
  say(`seed ${seed}, ${told[options.what]()}`);
  let holds = false;
  try {
    const name = options.what === 'all' ? 'chaos' : options.what;
    const report = await module[`${name}Report`]({ ...options, seed, say });
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
// After minutes of cut connections something here may still wait for an end that never comes; the
// report is out, and nothing that was started is left to be waited for.
process.exit();
