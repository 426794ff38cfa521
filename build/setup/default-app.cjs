// Packed as resources/default_app.asar into an Electron that came without one. It starts the app
// named on the command line, as the official launcher does:  electron [-r module]… [switches] <dir|file> [args]
'use strict';
const { app } = require('electron');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const modules = [];
let target = null;
for (let index = 1; index < process.argv.length && target === null; index += 1) {
  const arg = process.argv[index];
  if (arg === '-r' || arg === '--require') modules.push(process.argv[(index += 1)]);
  else if (arg.startsWith('--require=')) modules.push(arg.slice('--require='.length));
  else if (arg === '-v' || arg === '--version') {
    process.stdout.write(`v${process.versions.electron}\n`);
    process.exit(0);
  } else if (arg === '--' || arg.startsWith('-')) continue;
  else target = arg;
}

function fail(message) {
  process.stderr.write(`electron: ${message}\n`);
  process.exit(1);
}

function load(file) {
  if (!file.endsWith('.mjs') && !isModuleScope(file)) return Module._load(file, null, true);
  // "ready" waits for nothing here: an ES module must attach to it before its first await.
  return import(pathToFileURL(file).href).catch((error) => fail(error.stack));
}

function isModuleScope(file) {
  if (!file.endsWith('.js')) return false;
  for (let dir = path.dirname(file); ; dir = path.dirname(dir)) {
    const manifest = path.join(dir, 'package.json');
    if (fs.existsSync(manifest))
      return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
    if (dir === path.dirname(dir)) return false;
  }
}

function start(given) {
  const resolved = path.resolve(given);
  const folder = fs.statSync(resolved, { throwIfNoEntry: false })?.isDirectory()
    ? resolved
    : path.dirname(resolved);
  const manifest = path.join(folder, 'package.json');
  if (fs.existsSync(manifest)) {
    const about = JSON.parse(fs.readFileSync(manifest, 'utf8'));
    if (about.version) app.setVersion(about.version);
    if (about.productName || about.name) app.setName(about.productName || about.name);
    if (about.desktopName) app.setDesktopName(about.desktopName);
    else app.setDesktopName(`${app.name}.desktop`);
  }
  app.setAppPath(resolved === folder ? resolved : folder);
  let file;
  try {
    file = Module._resolveFilename(resolved, null, true);
  } catch (error) {
    fail(`cannot find an app at ${resolved}: ${error.message}`);
  }
  load(file);
}

Object.defineProperty(process, 'defaultApp', {
  configurable: false,
  enumerable: true,
  value: true,
});
for (const name of modules)
  Module._load(Module.createRequire(path.join(process.cwd(), 'x')).resolve(name), null, true);
if (target === null) fail('say which app to start: electron <folder or file>');
else start(target);
