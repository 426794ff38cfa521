import { defineConfig } from 'vitest/config';

/** In headless Chromium, without the session bus and the display that the tray's tests have to themselves. */
const WINDOW = 'tests/e2e/{window,phone}-*.test.ts';
/**
 * Hosts killed after every single step, command lines run in a real shell, whole machines with their
 * people: too long for each `npm run check`.
 */
const THOROUGH = [
  'tests/unit/**/*-death.test.ts',
  'tests/unit/**/{proof,differential}.test.ts',
  'tests/unit/{holder,host/power,host/attention}/*-model.test.ts',
];

/** Run in both: with few cases in each `npm run check`, with all of them among the thorough ones. */
const MANY_CASES = [
  'tests/unit/host/approvals/races.test.ts',
  'tests/unit/host/event-log/salvage.test.ts',
  'tests/unit/host/policy/hostile-calls.test.ts',
  'tests/unit/host/policy/shell/properties.test.ts',
  'tests/unit/host/subscriptions/session-feed.test.ts',
  'tests/unit/local/audit/verify.test.ts',
  'tests/unit/protocol/transcript/items.test.ts',
];

interface ProjectOptions {
  /** How many files at a time. */
  readonly files: number;
  readonly testTimeout: number;
  readonly include?: string | readonly string[];
  readonly exclude?: readonly string[];
  /** Its files share a process, one after the other: whoever changes something global puts it back. */
  readonly shared?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** One project per folder of tests/. Files that drive a desktop or load the whole machine run one at a time. */
const project = (name: string, options: ProjectOptions) => ({
  extends: true as const,
  test: {
    name,
    include: [options.include ?? `tests/${name}/**/*.test.{ts,tsx}`].flat(),
    exclude: [...(options.exclude ?? [])],
    testTimeout: options.testTimeout,
    hookTimeout: options.testTimeout,
    fileParallelism: options.files > 1,
    maxWorkers: options.files,
    // Else files of two projects cannot be named in one command.
    sequence: { groupOrder: options.files },
    isolate: options.shared !== true,
    env: { ...options.env },
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
      project('unit', { files: 2, testTimeout: 10_000, shared: true, exclude: THOROUGH }),
      project('thorough', {
        files: 2,
        testTimeout: 30_000,
        include: [...THOROUGH, ...MANY_CASES],
        // See tests/support/cases.ts.
        env: { PORCHLIGHT_CASES: 'all' },
      }),
      project('contracts', { files: 2, testTimeout: 15_000, shared: true }),
      project('wire', { files: 2, testTimeout: 15_000, shared: true }),
      // Three, because most of their time is waiting for something to be given up or to come back.
      project('integration', { files: 3, testTimeout: 60_000 }),
      project('bundles', { files: 1, testTimeout: 60_000 }),
      project('window', { files: 2, testTimeout: 120_000, include: WINDOW }),
      project('e2e', { files: 1, testTimeout: 180_000, exclude: [WINDOW] }),
      project('agents-short', { files: 1, testTimeout: 240_000 }),
      project('phone', { files: 2, testTimeout: 240_000 }),
      project('chaos', { files: 1, testTimeout: 900_000 }),
      project('agents', { files: 1, testTimeout: 600_000 }),
    ],
  },
});
