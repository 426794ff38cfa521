// The phone's page. Phones are some years old: what they cannot run is rewritten for them, and what
// they must not run (a file that was changed on the way) their browser refuses, because the page
// names the SHA-256 of everything it loads.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import { finishPhone, iconFiles } from './phone/finish.mjs';
import { leanMethods } from './phone/lean-methods.mjs';
import { leanZod } from './phone/lean-zod.mjs';
import { root } from './programs.mjs';

/** Two years old when the page was first built. */
const TARGETS = ['safari17', 'chrome120'];

/** @returns {import('vite').InlineConfig} */
export function phoneConfig(program, outDir) {
  const entry = join(root, dirname(program.entry), 'main.tsx');
  return {
    configFile: false,
    root: join(root, dirname(program.entry)),
    base: './',
    mode: 'production',
    logLevel: 'warn',
    plugins: [
      leanZod(),
      leanMethods(),
      react(),
      pinnedStyles(),
      aroundThePage(join(root, dirname(program.entry)), outDir),
    ],
    publicDir: false,
    build: {
      target: TARGETS,
      cssTarget: TARGETS,
      outDir,
      emptyOutDir: true,
      sourcemap: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 4_000,
      assetsInlineLimit: 0,
      // What the first screen does not show brings its style along: see `pinnedStyles`.
      cssCodeSplit: true,
      rolldownOptions: {
        output: { codeSplitting: { groups: [{ name: firstOrLater(entry), debugName: 'first' }] } },
      },
      modulePreload: false,
    },
  };
}

/**
 * A style that a script adds later has no integrity of its own: it is given the one that the page's
 * import map names, where `finishPhone` lists the styles beside the scripts.
 */
function pinnedStyles() {
  const before = 'link.href = dep.href;';
  const after =
    "const pinned = JSON.parse(document.querySelector('script[type=importmap]')?.textContent ?? '{}').integrity;" +
    `const hash = Object.entries(pinned ?? {}).find(([file]) => new URL(file, document.baseURI).href === dep.href)?.[1];` +
    'if (isCss && hash === undefined) throw new Error(`${dep} is no file of this version.`);' +
    `if (hash !== undefined) link.integrity = hash; ${before}`;
  return {
    name: 'pinned-styles',
    enforce: 'post',
    transform(code, id) {
      if (!id.includes('vite/preload-helper')) return null;
      if (!code.includes(before))
        throw new Error("Vite's preload helper has changed: build/vite.phone.mjs, pinnedStyles.");
      return { code: code.replace(before, () => after), map: null };
    },
  };
}

/**
 * What the page's own bundle cannot hold: the script that runs before it, the service worker, and
 * what is computed from the finished files.
 */
function aroundThePage(folder, outDir) {
  const alone = {
    first: join(folder, 'first', 'first-script.ts'),
    worker: join(folder, 'worker', 'worker.ts'),
    later: join(folder, 'worker', 'decide', 'decide-script.ts'),
  };
  const built = {};
  const sources = new Set();
  let chunks = [];
  return {
    name: 'around-the-page',
    enforce: 'post',
    // For the stamp of `build/compile.mjs`. Files given to `addWatchFile` cannot be asked for: the
    // context of a plugin has no `getWatchFiles` with rolldown.
    api: { sourcesBesides: () => [...sources, ...buildParts(), ...iconFiles()] },
    async buildStart() {
      for (const [name, entry] of Object.entries(alone)) {
        const { code, modules } = await oneScript(entry);
        built[name] = code;
        for (const module of modules) sources.add(module);
      }
    },
    generateBundle(_options, bundle) {
      chunks = Object.values(bundle)
        .filter((file) => file.type === 'chunk')
        .map(({ fileName, isEntry, imports }) => ({ fileName, isEntry, imports }));
    },
    writeBundle() {
      finishPhone(outDir, { chunks, ...built });
    },
  };
}

/** What shapes the page and is no module of it. */
function buildParts() {
  const folder = join(root, 'build', 'phone');
  return readdirSync(folder).map((file) => join(folder, file));
}

/** A script that is no module and loads nothing. */
async function oneScript(entry) {
  const { build } = await import('vite');
  const output = await build({
    configFile: false,
    root,
    mode: 'production',
    logLevel: 'warn',
    plugins: [leanZod()],
    publicDir: false,
    build: {
      target: TARGETS,
      write: false,
      sourcemap: false,
      minify: true,
      // As a library: else Vite adds what fetches parts of it, of which it has none.
      lib: { entry, formats: ['iife'], name: 'porchlight' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [{ output: files }] = [output].flat();
  const [file] = files;
  return { code: file.code.trim(), modules: file.moduleIds };
}

/** All that the page needs at once is one file: many small ones compress worse. */
function firstOrLater(entry) {
  const first = new Set();
  const visit = (id, graph) => {
    if (first.has(id)) return;
    first.add(id);
    graph.getModuleInfo(id)?.importedIds.forEach((each) => visit(each, graph));
  };
  return (id, graph) => {
    if (first.size === 0) visit(entry, graph);
    return first.has(id) ? 'first' : null;
  };
}
