// npm run bench -- host|survive|relay|relay-cluster|approvals|power|notify [--json] [--only part,part]: measures and compares; the
// parts are in tests/bench/. Progress goes to stderr, the table (or the JSON) alone to stdout.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dist, programs, root } from './programs.mjs';
import { runMain, say, step } from './setup/say.mjs';
import { setUp } from './setup.mjs';

const usage = `npm run bench -- host|survive|relay|relay-cluster|approvals|power|notify [--json] [--only PART[,PART]]

host     measures the tray app, the keeper and the host against the least that could do the same,
         in turns on this machine
survive  measures how fast everything is back when the host was killed, and what a very long
         session leaves in its memory
relay    measures what the relay adds to a frame's way, and what a device costs it, against ws alone
relay-cluster
         measures many nodes on NATS: against one node, against socket.io over Redis, while nodes and
         servers are killed, with 20,000 devices, when all of them come back (needs nats-server and
         redis-server)
approvals
         measures the way of an approval, from an agent's request through the relay to a paired phone
         and back, against an agent that is answered in process
power    measures how soon a turn holds the machine awake and lets it go, as a real logind lists it, and
         what that costs while nothing changes (Linux, as root: the logind is one of its own)

Prints a table. A goal that is missed is a figure like any other: the exit
code is 1 only when something could not be measured.

  --json   prints [{name,value,unit,goal,holds}] and nothing else
  --only   some of the parts; they are named as they begin
`;

const benches = ['host', 'survive', 'relay', 'relay-cluster', 'approvals', 'power', 'notify'];

function parse(args) {
  const options = { bench: null, json: false, only: null };
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === '--json') options.json = true;
    else if (arg === '--only') options.only = (args[(index += 1)] ?? '').split(',');
    else if (arg.startsWith('--only=')) options.only = arg.slice('--only='.length).split(',');
    else if (!arg.startsWith('-') && options.bench === null) options.bench = arg;
    else return { ...options, unknown: arg };
  }
  return options;
}

async function main(args) {
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const { bench, json, only, unknown } = parse(args);
  if (unknown !== undefined || !benches.includes(bench)) {
    say(
      unknown === undefined
        ? `name the bench: ${benches.join(', ')}`
        : `bench does not know ${unknown}`,
    );
    process.stderr.write(usage);
    return 2;
  }
  await setUp('test');
  const needsElectron = bench === 'host';
  const { compile } = await import('./compile.mjs');
  if (needsElectron) {
    const { electronPath } = await import('./setup/electron.mjs');
    process.env.PORCHLIGHT_TEST_ELECTRON = await electronPath();
  }
  await compile(Object.keys(programs), { log: say });
  const { parts, sweep, close } = await load(join(root, 'tests', 'bench', `${bench}.ts`));
  const names = parts.map(({ name }) => name);
  const missing = (only ?? []).filter((name) => !names.includes(name));
  if (missing.length > 0) {
    close();
    say(`there is no ${missing.join(', ')}; parts: ${names.join(', ')}`);
    return 2;
  }
  const stop = endWith(sweep);
  try {
    const { figures, failed } = await measure(
      parts.filter(({ name }) => only === null || only.includes(name)),
    );
    process.stdout.write(json ? `${JSON.stringify(figures, null, 2)}\n` : table(figures));
    return failed ? 1 : 0;
  } finally {
    close();
    await stop();
  }
}

/**
 * Homes and all else of this run go to one folder; whatever still runs there when the bench ends,
 * or is told to end, is ended with it. Hosts are no children of ours: nobody else would.
 */
function endWith(sweep) {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-bench-'));
  process.env.TMPDIR = folder;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => {
      say('ending what the bench has started …');
      sweep(folder).finally(() => process.exit(1));
    });
  return () => sweep(folder);
}

async function measure(parts) {
  const figures = [];
  let failed = false;
  for (const part of parts) {
    try {
      figures.push(...(await step(`${part.name}: ${part.what}`, () => bounded(part))));
    } catch (error) {
      failed = true;
      say(`${part.name} could not be measured: ${error.stack ?? error}`);
    }
  }
  return { figures, failed };
}

// A part ends what it has started; one that is given up does so when its own deadlines pass.
async function bounded({ name, limitMs, run }) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${name} was not done after ${limitMs / 60_000} min`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([run(), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Bundled as the programs are: a module at a time through a loader, our code would be measured slower. */
async function load(entry) {
  const vite = await import('vite');
  mkdirSync(dist, { recursive: true });
  const outDir = mkdtempSync(join(dist, '.bench-'));
  const close = () => rmSync(outDir, { recursive: true, force: true });
  process.once('exit', close);
  try {
    await vite.build({
      configFile: false,
      root,
      logLevel: 'error',
      plugins: [keepPaths],
      define: { 'process.env.NODE_ENV': '"production"' },
      build: {
        ssr: entry,
        target: 'node20',
        outDir,
        sourcemap: 'inline',
        minify: false,
        copyPublicDir: false,
        rolldownOptions: { output: { format: 'esm', entryFileNames: 'bench.mjs' } },
      },
    });
    return { ...(await import(pathToFileURL(join(outDir, 'bench.mjs')).href)), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The sources find scripts, fakes and dist from where they lie, not from where the bundle does. */
const keepPaths = {
  name: 'keep-paths',
  transform(code, id) {
    if (id.includes('node_modules') || !code.includes('import.meta.')) return null;
    return code
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
  },
};

function table(figures) {
  const rows = figures.map(({ name, value, unit, goal, holds }) => [
    name,
    `${value.toLocaleString('en', { maximumFractionDigits: 3 })} ${unit}`,
    goal,
    goal === '' ? '' : holds ? 'holds' : 'MISSED',
  ]);
  const all = [['figure', 'value', 'goal', ''], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map(([name, value, goal, verdict]) =>
      `${name.padEnd(widths[0])}  ${value.padStart(widths[1])}  ${goal.padEnd(widths[2])}  ${verdict}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

await runMain(main);
