// Everything that must be there before our own programs can be built and run, in one place.
import { ensureHooks } from './setup/hooks.mjs';
import { requireNode } from './setup/node-version.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { ensureSystemLibraries } from './setup/system-libraries.mjs';

/** @param {'headless' | 'start' | 'demo' | 'test'} need */
export async function setUp(need) {
  requireNode();
  await ensurePackages();
  if (need === 'headless') return;
  await ensureHooks();
  await ensureSystemLibraries(need);
}
