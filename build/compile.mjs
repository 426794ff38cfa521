// node build/compile.mjs [program...]: builds what is stale, all programs by default. Everything it
// says goes to stderr, so that a command whose stdout is read may call it first.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { takeLock } from './lock-file.mjs';
import { dist, programs, root } from './programs.mjs';
import { isFresh, writeStamp } from './stamps.mjs';

const stampFile = (name) => join(dist, '.stamps', `${name}.json`);

/** @returns {string[]} the programs among `names` whose entry exists and whose build is out of date */
export function staleAmong(names, log = () => {}) {
  return names.filter((name) => {
    const program = programs[name];
    if (!existsSync(join(root, program.entry))) {
      log(`${name}: skipped, there is no ${program.entry}`);
      return false;
    }
    return !isFresh(root, stampFile(name));
  });
}

/**
 * Brings the named programs up to date. Safe to call from several processes at once.
 * @param {string[]} names
 * @param {{ log?: (line: string) => void }} options
 */
export async function compile(
  names,
  { log = (line) => process.stderr.write(`build: ${line}\n`) } = {},
) {
  if (staleAmong(names, log).length === 0) return;
  const release = await takeLock(join(dist, '.lock'), { what: 'is building', log });
  try {
    for (const name of staleAmong(names)) {
      const since = Date.now();
      await build(name);
      log(`${name} (${Date.now() - since} ms)`);
    }
  } finally {
    release();
  }
}

async function build(name) {
  const program = programs[name];
  const startedAtMs = Date.now();
  const outDir = join(root, dirname(program.out));
  // Built beside the old one and moved at the end: a host that starts meanwhile finds a whole file.
  const stage = join(dist, '.stage', name);
  rmSync(stage, { recursive: true, force: true });
  const sources = new Set([program.entry, `build/${program.config}`]);
  const collect = {
    name: 'collect-sources',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) =>
        chunk.type === 'chunk' ? chunk.moduleIds : [],
      );
      for (const id of [...modules, ...this.getModuleIds()]) addSource(sources, id);
    },
  };
  const vite = await import('vite');
  const config = await configOf(program, stage);
  config.plugins = [...(config.plugins ?? []), collect];
  // The scripts of web workers are bundles of their own, which the plugins of the page do not see.
  config.worker = { ...config.worker, plugins: () => [collect] };
  const besides = [config.plugins].flat(Infinity).map((plugin) => plugin?.api?.sourcesBesides);
  try {
    await asForPeople(async () => await vite.build(config));
  } catch (error) {
    throw new Error(`Cannot build ${name}: ${error.message}`, { cause: error });
  }
  for (const file of besides.flatMap((list) => list?.() ?? [])) addSource(sources, file);
  swap(stage, outDir);
  const outputs = filesIn(outDir)
    .filter((file) => !file.endsWith('.map'))
    .map((file) => toPosix(relative(root, file)));
  writeStamp(root, stampFile(name), { sources: [...sources], outputs }, startedAtMs);
}

/**
 * Vite takes React's development build, several times slower, unless the environment says otherwise;
 * a test runner says `test`, and what it builds is what is started afterwards.
 */
async function asForPeople(act) {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await act();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

async function configOf(program, stage) {
  switch (program.config) {
    case 'vite.node.mjs':
      return (await import('./vite.node.mjs')).nodeConfig(program, stage);
    case 'vite.electron.mjs':
      return (await import('./vite.electron.mjs')).electronConfig(program, stage);
    case 'vite.renderer.mjs':
      return (await import('./vite.renderer.mjs')).rendererConfig(program, stage);
    case 'vite.phone.mjs':
      return (await import('./vite.phone.mjs')).phoneConfig(program, stage);
    default:
      throw new Error(`No Vite config named ${program.config}`);
  }
}

// Packages are covered by the lock file, virtual modules by nothing that changes.
function addSource(sources, id) {
  const path = id.split('?')[0];
  const file = toPosix(relative(root, path));
  if (path.includes('\0') || file.startsWith('..') || file.includes('node_modules/')) return;
  if (statSync(join(root, file), { throwIfNoEntry: false })?.isFile()) sources.add(file);
}

function swap(stage, outDir) {
  for (const file of filesIn(outDir)) {
    if (!existsSync(join(stage, relative(outDir, file)))) rmSync(file);
  }
  const fresh = filesIn(stage).sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)));
  for (const file of fresh) {
    const target = join(outDir, relative(stage, file));
    mkdirSync(dirname(target), { recursive: true });
    renameSync(file, target);
  }
  rmSync(stage, { recursive: true, force: true });
}

// The page goes last: it names the others.
const isEntry = (file) => basename(file) === 'index.html';

function filesIn(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

const toPosix = (path) => path.split(sep).join('/');

async function main(names) {
  const unknown = names.filter((name) => !(name in programs));
  if (unknown.length > 0) {
    process.stderr.write(
      `build: unknown program ${unknown.join(', ')}; there are ${Object.keys(programs).join(', ')}\n`,
    );
    return 2;
  }
  try {
    await compile(names.length > 0 ? names : Object.keys(programs));
    return 0;
  } catch (error) {
    process.stderr.write(`build: ${error.message}\n`);
    return 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await main(process.argv.slice(2));
