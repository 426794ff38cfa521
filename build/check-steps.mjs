// The steps of `npm run check`, which `npm test` counts as one test each.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { killGroup } from './process-group.mjs';
import { root } from './programs.mjs';

const STEP_LIMIT_MS = 3 * 60_000;
const cache = join(root, 'node_modules', '.cache', 'porchlight');

/** The script behind a package's command: without npx, which asks npm for its settings first. */
function bin(packageName, command = packageName) {
  const folder = join(root, 'node_modules', packageName);
  const { bin: bins } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bins === 'string' ? bins : bins[command]);
}

/**
 * By the compiler of version 7, which takes a fifth of the time. Version 6 stays for those who ask
 * it as a library: with 7 dependency-cruiser finds no module, and says nothing.
 */
const tsc = (name) => [
  bin('typescript-7', 'tsc'),
  ...[
    '-p',
    `tsconfig.${name}.json`,
    '--incremental',
    '--tsBuildInfoFile',
    join(cache, `${name}.tsbuildinfo`),
  ],
];

/** @returns {{ name: string, args: string[] }[]} */
export function checkSteps() {
  return [
    { name: 'types (node)', args: tsc('node') },
    { name: 'types (dom)', args: tsc('dom') },
    { name: 'types (isomorphic)', args: tsc('isomorphic') },
    {
      name: 'lint',
      args: [
        bin('oxlint'),
        '--type-aware',
        '--deny-warnings',
        'src',
        'renderer',
        'build',
        'tests',
        'vitest.config.ts',
      ],
    },
    {
      name: 'format',
      args: [
        bin('oxfmt'),
        '--check',
        'src',
        'renderer',
        'build',
        'tests',
        'vitest.config.ts',
        '.dependency-cruiser.cjs',
      ],
    },
    { name: 'dependencies', args: [join(root, 'build', 'dependencies.mjs')] },
    { name: 'unused code', args: [bin('knip')] },
    { name: 'lock file', args: [join(root, 'build', 'lock-mend.mjs'), '--check'] },
  ];
}

export const unitStep = () => ({
  name: 'unit tests',
  args: [
    bin('vitest'),
    'run',
    '--project',
    'unit',
    '--project',
    'contracts',
    '--reporter',
    'dot',
    '--passWithNoTests',
  ],
});

/**
 * Runs steps two at a time, a line for each as it ends and the output of those that fail.
 * @returns {Promise<{ passed: number, failed: number, names: string[] }>} `names`: those that failed
 */
export async function runSteps(steps, write = (text) => process.stdout.write(text)) {
  mkdirSync(cache, { recursive: true });
  const interrupted = () => process.exit(130);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, interrupted);
  const waiting = [...steps];
  const tally = { passed: 0, failed: 0, names: [] };
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const { ok, output, seconds } = await runStep(step);
      tally[ok ? 'passed' : 'failed'] += 1;
      write(
        `${ok ? 'ok    ' : 'FAILED'} ${step.name.padEnd(20)} ${seconds.toFixed(1).padStart(5)} s\n`,
      );
      if (ok) continue;
      tally.names.push(step.name);
      write(`${output.trimEnd()}\n\n`);
    }
  };
  await Promise.all([worker(), worker()]);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, interrupted);
  return tally;
}

// In a process group of its own: a worker that spins in a loop hears no signal but SIGKILL, and would
// otherwise stay behind when its runner is stopped.
function runStep({ name, args }) {
  const since = Date.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: process.stdout.isTTY ? '' : '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const stop = () => killGroup(child.pid, 'SIGKILL');
    const timer = setTimeout(() => {
      output += `\n${name} was not done after ${STEP_LIMIT_MS / 60_000} min and was stopped\n`;
      stop();
    }, STEP_LIMIT_MS);
    // Being outside our group it does not hear Ctrl-C; 'exit' covers every way we end but SIGKILL.
    process.on('exit', stop);
    child.stdout.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', stop);
      resolve({ ok: code === 0, output, seconds: (Date.now() - since) / 1_000 });
    });
  });
}
