// The programs that a checkout builds: one table for compile, check and the runners.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const dist = join(root, 'dist');

/**
 * `entry` and `out` are relative to the repository root; `config` is the Vite config in build/
 * that turns one into the other; `stage` is where the config writes before the result is moved.
 */
export const programs = {
  keeper: { entry: 'src/keeper/main.ts', out: 'dist/keeper/main.js', config: 'vite.node.mjs' },
  host: { entry: 'src/host/main.ts', out: 'dist/host/main.js', config: 'vite.node.mjs' },
  holder: { entry: 'src/holder/main.ts', out: 'dist/holder/main.js', config: 'vite.node.mjs' },
  relay: { entry: 'src/relay/main.ts', out: 'dist/relay/main.js', config: 'vite.node.mjs' },
  cli: { entry: 'src/cli/main.ts', out: 'dist/cli/main.js', config: 'vite.node.mjs' },
  'demo-agent': {
    entry: 'src/demo-agent/main.ts',
    out: 'dist/demo-agent/main.js',
    config: 'vite.node.mjs',
  },
  main: { entry: 'src/main/main.ts', out: 'dist/main/main.cjs', config: 'vite.electron.mjs' },
  // Loaded by main once the lamp is in the tray, and with the first window: bundles of their own
  // because parsing them would keep the lamp waiting.
  shell: { entry: 'src/main/shell.ts', out: 'dist/shell/shell.cjs', config: 'vite.electron.mjs' },
  desktop: {
    entry: 'src/main/desktop.ts',
    out: 'dist/desktop/desktop.cjs',
    config: 'vite.electron.mjs',
  },
  preload: {
    entry: 'src/preload/preload.ts',
    out: 'dist/preload/preload.cjs',
    config: 'vite.electron.mjs',
  },
  renderer: {
    entry: 'renderer/desktop/index.html',
    out: 'dist/renderer/desktop/index.html',
    config: 'vite.renderer.mjs',
  },
  // The page that a relay serves to phones.
  phone: {
    entry: 'renderer/phone/index.html',
    out: 'dist/renderer/phone/index.html',
    config: 'vite.phone.mjs',
  },
};

/** What runs without Electron: the command line and all it starts, and what its relay serves. */
export const headlessPrograms = ['cli', 'keeper', 'host', 'holder', 'relay', 'phone', 'demo-agent'];
