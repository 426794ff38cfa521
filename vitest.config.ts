import { defineConfig } from 'vitest/config';

/** One project per folder of tests/. Files that drive real windows or real agents run one at a time. */
const project = (name: string, options: { parallel: boolean; testTimeout: number }) => ({
  extends: true as const,
  test: {
    name,
    include: [`tests/${name}/**/*.test.{ts,tsx}`],
    testTimeout: options.testTimeout,
    hookTimeout: options.testTimeout,
    fileParallelism: options.parallel,
    maxWorkers: options.parallel ? 2 : 1,
  },
});

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic' } },
  test: {
    pool: 'forks',
    retry: 0,
    // The order of names on screen is the order in the file; nothing may depend on another test.
    sequence: { shuffle: false },
    globalSetup: ['tests/own-home.ts'],
    projects: [
      project('unit', { parallel: true, testTimeout: 10_000 }),
      project('contracts', { parallel: true, testTimeout: 15_000 }),
      project('wire', { parallel: true, testTimeout: 15_000 }),
      project('integration', { parallel: true, testTimeout: 60_000 }),
      project('bundles', { parallel: false, testTimeout: 60_000 }),
      project('e2e', { parallel: false, testTimeout: 180_000 }),
      project('agents-short', { parallel: false, testTimeout: 240_000 }),
      project('chaos', { parallel: false, testTimeout: 900_000 }),
      project('agents', { parallel: false, testTimeout: 600_000 }),
    ],
  },
});
