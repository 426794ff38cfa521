// npm test: sets up, builds, checks and runs every test. The last line is the count; see --help.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killGroup } from './process-group.mjs';
import { programs, root } from './programs.mjs';
import { runMain, say } from './setup/say.mjs';
import { setUp } from './setup.mjs';
import { countReport, sum, verdict } from './test-count.mjs';
import { failureList, failuresOf } from './test-failures.mjs';
import { chooseGroups, projectNames } from './test-groups.mjs';

const KILL_AFTER_MS = 10_000;
const usage = `npm test -- [--only PROJECT[,PROJECT]] [--agents] [--pictures] [vitest filters]

  --only     some of: check, ${projectNames.join(', ')}
  --agents   the long tests on every real agent, and nothing else
  --pictures leave pictures of what is seen in dist/screenshots
`;

function parse(args) {
  const options = { only: null, agents: false, filters: [] };
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === '--help') return null;
    if (arg === '--agents') options.agents = true;
    else if (arg === '--pictures') process.env.PORCHLIGHT_PICTURES = '1';
    else if (arg === '--only') options.only = (args[(index += 1)] ?? '').split(',');
    else if (arg.startsWith('--only=')) options.only = arg.slice('--only='.length).split(',');
    else options.filters.push(arg);
  }
  const unknown = (options.only ?? []).filter(
    (name) => name !== 'check' && !projectNames.includes(name),
  );
  if (unknown.length > 0) {
    say(`--only does not know ${unknown.join(', ')}`);
    return null;
  }
  return options;
}

async function main(args) {
  const options = parse(args);
  if (options === null) {
    process.stderr.write(usage);
    return 2;
  }
  const counts = [];
  const failures = [];
  try {
    await collect(options, counts, failures);
  } catch (error) {
    // Set-up or build: the count line comes all the same, since somebody reads only that.
    process.stderr.write(`porchlight: ${error.message}\n`);
    counts.push({ passed: 0, failed: 1, skipped: 0 });
  }
  const { line, skipped, code } = verdict(sum(counts));
  process.stdout.write(failureList(failures));
  process.stdout.write(`\n${skipped === null ? '' : `${skipped}\n`}${line}\n`);
  return code;
}

async function collect(options, counts, failures) {
  await setUp('test');
  const { compile } = await import('./compile.mjs');
  const { electronPath } = await import('./setup/electron.mjs');
  const electron = await electronPath();
  await compile(Object.keys(programs), { log: say });
  if (
    options.only === null
      ? !options.agents && options.filters.length === 0
      : options.only.includes('check')
  ) {
    const { checkSteps, runSteps } = await import('./check-steps.mjs');
    const { names, ...tally } = await runSteps(checkSteps());
    failures.push(...names.map((name) => `FAILED ${name}: its output is above`));
    counts.push({ ...tally, skipped: 0 });
  }
  const groups = chooseGroups(options);
  if (groups.length === 0) return;
  const session = await openSession(electron);
  try {
    const beside = [];
    for (const group of groups) {
      const run = runGroup(group, options.filters, session, failures);
      if (group.beside) beside.push(run);
      else counts.push(await run);
    }
    counts.push(...(await Promise.all(beside)));
  } finally {
    session.close();
  }
}

/** A display and a session bus of the tests' own, so that nothing of the desktop around plays in. */
async function openSession(electron) {
  const { electronNeeds, startXvfb, withSessionBus } = await import('./setup/desktop-session.mjs');
  const needs = electronNeeds(process.env);
  const env = { ...process.env, ...needs.env, PORCHLIGHT_TEST_ELECTRON: electron };
  if (process.platform !== 'linux')
    return { env, wrap: (command, args) => [command, args], close: () => {} };
  for (const name of ['WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_CURRENT_DESKTOP', 'DESKTOP_SESSION'])
    delete env[name];
  const { display, stop } = await startXvfb();
  return {
    env: { ...env, DISPLAY: display },
    wrap: (command, args) => withSessionBus(command, args, env, { always: true }),
    close: stop,
  };
}

async function runGroup(group, filters, session, failures) {
  const work = mkdtempSync(join(tmpdir(), 'porchlight-tests-'));
  const report = join(work, 'report.json');
  const args = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--reporter', 'default', '--reporter', 'json', '--outputFile.json', report],
    ...group.projects.flatMap((name) => ['--project', name]),
    ...(filters.length > 0 ? ['--passWithNoTests'] : []),
    ...filters,
  ];
  const heading = `\n── ${group.projects.join(', ')} ──\n`;
  // What runs beside another group says it all at its end, and not between the other's lines.
  const log = group.beside ? join(work, 'output.log') : null;
  const out = log === null ? 'inherit' : openSync(log, 'w');
  if (log === null) process.stdout.write(heading);
  try {
    const { code, timedOut } = await runVitest(
      session.wrap(process.execPath, args),
      session.env,
      group.limitMs,
      out,
    );
    if (log !== null) process.stdout.write(`${heading}${readFileSync(log, 'utf8')}`);
    const parsed = timedOut ? null : readReport(report);
    if (filters.length > 0 && parsed !== null && parsed.numTotalTests === 0 && code === 0)
      return { passed: 0, failed: 0, skipped: 0 };
    failures.push(...failuresOf(parsed));
    const count = countReport(parsed, code);
    const note = timedOut ? `not done after ${group.limitMs / 60_000} min, stopped` : count.note;
    if (note !== null) failures.push(`FAILED ${group.name}: ${note}`);
    return count;
  } finally {
    if (out !== 'inherit') closeSync(out);
    rmSync(work, { recursive: true, force: true });
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

// In a process group of its own: whatever a stuck test has started ends with it.
function runVitest([command, args], env, limitMs, out) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio: ['ignore', out, out],
      detached: true,
    });
    const signalGroup = (signal) => killGroup(child.pid, signal);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      signalGroup('SIGTERM');
      setTimeout(() => signalGroup('SIGKILL'), KILL_AFTER_MS).unref();
    }, limitMs);
    const interrupted = (signal) => {
      signalGroup(signal);
      setTimeout(() => process.exit(1), KILL_AFTER_MS).unref();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, interrupted);
    const done = (code) => {
      clearTimeout(timer);
      // What it left behind, such as a worker that spins and hears no other signal.
      signalGroup('SIGKILL');
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, interrupted);
      resolve({ code, timedOut });
    };
    child.on('error', (error) => {
      process.stderr.write(`porchlight: cannot start ${command}: ${error.message}\n`);
      done(127);
    });
    child.on('close', done);
  });
}

await runMain(main);
