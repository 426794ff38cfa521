// node build/lock-mend.mjs [--check]: run after each change of package-lock.json.
//
// npm leaves an optional package out of the lock when the registry it asked does not have it, as
// some mirrors lack binaries for platforms that nobody there uses. `npm ci` then refuses the lock:
// "Missing: … from lock file". The mend adds each such package as optional and bound to its own
// platform, without integrity: npm skips it everywhere else and fetches it there.
// Can go when npm (cli issue 4828 and its kin) writes these entries itself.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './programs.mjs';

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

/**
 * @param {{ packages: Record<string, any> }} lock a parsed package-lock.json, version 2 or 3
 * @returns {{ lock: { packages: Record<string, any> }, added: string[] }} a new lock and the paths of the added entries
 */
export function mendLock(lock) {
  const packages = { ...lock.packages };
  const added = [];
  for (const [owner, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (findFrom(packages, owner, name) !== null) continue;
      const version = exactVersion(range);
      // A range says no version to pin; such a package must come from a real install.
      if (version === null) continue;
      const path = `node_modules/${name}`;
      const { os, cpu, libc } = platformOf(name);
      const dev = entry.dev === true ? { dev: true } : {};
      packages[path] = {
        version,
        cpu,
        ...dev,
        ...(libc === null ? {} : { libc }),
        optional: true,
        os,
      };
      added.push(path);
    }
  }
  const sorted = Object.fromEntries(
    Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
  );
  return { lock: { ...lock, packages: sorted }, added };
}

/** Node's lookup: the owner's own node_modules, then each one above it. */
function findFrom(packages, owner, name) {
  for (let base = owner; ;) {
    const path = `${base === '' ? '' : `${base}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (base === '') return null;
    const cut = base.lastIndexOf('/node_modules/');
    base = cut < 0 ? '' : base.slice(0, cut);
  }
}

const exactVersion = (range) => (/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(range) ? range : null);

/** os, cpu and libc as the binary's name gives them; a name that says nothing fits no machine. */
function platformOf(name) {
  const words = name.split('/').at(-1).split(/[-.]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return { os: ['none'], cpu: ['none'], libc: null };
  return { os: [os], cpu: [cpu], libc: os === 'linux' ? libcOf(words) : null };
}

function libcOf(words) {
  if (words.some((word) => word.startsWith('musl'))) return ['musl'];
  return words.some((word) => word.startsWith('gnu')) ? ['glibc'] : null;
}

function main(args) {
  const file = join(root, 'package-lock.json');
  const { lock, added } = mendLock(JSON.parse(readFileSync(file, 'utf8')));
  if (added.length === 0) return 0;
  if (args.includes('--check')) {
    process.stderr.write(
      `lock-mend: ${added.length} optional packages are missing from package-lock.json, first ${added[0]}: run "node build/lock-mend.mjs"\n`,
    );
    return 1;
  }
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  process.stderr.write(`lock-mend: added ${added.length} optional packages of other platforms\n`);
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = main(process.argv.slice(2));
