import { join } from 'node:path';
import { programState } from './find-program.ts';
import type { AdapterPackage } from './launchers/launcher.ts';
import { packageVersion } from './program-version.ts';

export interface InstalledAdapter {
  readonly kind: 'script' | 'binary';
  readonly path: string;
  readonly version: string | null;
  /** The agent's own binary that came with it, where it is known to be. */
  readonly brought: string | null;
}

/** The folder that holds one agent's adapter once it is installed whole. */
export function installFolder(agentsFolder: string, id: string): string {
  return join(agentsFolder, id);
}

/** An adapter that `agents install` put there, of any version; null when there is none. */
export function installedAdapter(
  agentsFolder: string,
  id: string,
  adapter: AdapterPackage,
): InstalledAdapter | null {
  return adapterIn(installFolder(agentsFolder, id), adapter);
}

/** The adapter below a prefix that npm installed into. */
export function adapterIn(folder: string, adapter: AdapterPackage): InstalledAdapter | null {
  const modules = join(folder, 'node_modules');
  const version = packageVersion(join(modules, adapter.name, 'package.json'));
  if (version === null) return null;
  const { program } = adapter;
  if (program.kind === 'script') {
    const path = join(modules, program.path);
    return programState(path) === 'missing'
      ? null
      : { kind: 'script', path, version, brought: broughtBinary(modules, adapter) };
  }
  const candidates = program.candidates[`${process.platform}-${process.arch}`] ?? [];
  const path = candidates
    .map((each) => join(modules, each))
    .find((each) => programState(each) === 'executable');
  return path === undefined ? null : { kind: 'binary', path, version, brought: null };
}

function broughtBinary(modules: string, adapter: AdapterPackage): string | null {
  const path = adapter.brings?.[`${process.platform}-${process.arch}`];
  if (path === undefined) return null;
  const file = join(modules, path);
  return programState(file) === 'executable' ? file : null;
}
