// The test projects of vitest.config.ts in the order they run: cheap ones first. Each group is a process of its own, so that a
// crash costs one group and not the count.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './programs.mjs';

const MINUTE_MS = 60_000;

/**
 * `beside`: runs at the same time as the groups after it, because it mostly waits; so do they.
 * @type {{ name: string, projects: string[], limitMs: number, beside?: boolean, onlyWhenAsked?: boolean }[]}
 */
export const testGroups = [
  { name: 'unit', projects: ['unit', 'thorough', 'contracts', 'wire'], limitMs: 10 * MINUTE_MS },
  { name: 'bundles', projects: ['bundles'], limitMs: 5 * MINUTE_MS },
  { name: 'agents-short', projects: ['agents-short'], limitMs: 20 * MINUTE_MS, beside: true },
  { name: 'integration', projects: ['integration'], limitMs: 20 * MINUTE_MS },
  { name: 'e2e', projects: ['e2e'], limitMs: 30 * MINUTE_MS, beside: true },
  { name: 'window', projects: ['window'], limitMs: 15 * MINUTE_MS },
  { name: 'chaos', projects: ['chaos'], limitMs: 20 * MINUTE_MS, beside: true },
  { name: 'phone', projects: ['phone'], limitMs: 20 * MINUTE_MS },
  { name: 'agents', projects: ['agents'], limitMs: 60 * MINUTE_MS, onlyWhenAsked: true },
];

/** The groups to run, each with those of its projects that have test files. */
export function chooseGroups({ only = null, agents = false } = {}) {
  return testGroups
    .filter((group) => (only === null ? agents === Boolean(group.onlyWhenAsked) : true))
    .map((group) => ({
      ...group,
      projects: group.projects.filter(
        (name) => hasTests(name) && (only === null || only.includes(name)),
      ),
    }))
    .filter((group) => group.projects.length > 0);
}

export const projectNames = testGroups.flatMap((group) => group.projects);

/** A project is named for its folder below tests/, but for those that are a part of one. */
const FOLDERS = { window: 'e2e', thorough: 'unit' };

function hasTests(project) {
  const folder = join(root, 'tests', FOLDERS[project] ?? project);
  return (
    existsSync(folder) &&
    readdirSync(folder, { recursive: true }).some((file) => /\.test\.tsx?$/.test(file))
  );
}
