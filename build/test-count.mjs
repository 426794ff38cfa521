// Counts what Vitest's JSON report says, and what it does not say: a runner that died, a file that
// could not be loaded, an error outside any test.

/**
 * @param {unknown} report the parsed JSON report; null when there is none
 * @param {number | null} code exit code of the runner
 * @returns {{ passed: number, failed: number, skipped: number, note: string | null }}
 */
export function countReport(report, code) {
  if (report === null)
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      note: `the runner ended with ${code} and left no report`,
    };
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
  // A file that fails to load has a failed suite and no tests.
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !hasFailedTest(file),
  ).length;
  const failed = report.numFailedTests + unloaded;
  if (code !== 0 && failed === 0)
    return {
      passed,
      failed: 1,
      skipped,
      note: `every test passed, but the runner ended with ${code}: an error outside the tests`,
    };
  if (passed + failed === 0) return { passed, failed: 1, skipped, note: 'not one test was run' };
  return { passed, failed, skipped, note: null };
}

const hasFailedTest = (file) => file.assertionResults.some((test) => test.status === 'failed');

export const sum = (counts) =>
  counts.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );

/** The last line of every test run, read by programs; `skipped` goes above it. A run without a test is a failure. */
export function verdict({ passed, failed, skipped }) {
  const failures = passed + failed === 0 ? 1 : failed;
  return {
    line: `${passed} passed, ${failures} failed`,
    skipped: skipped > 0 ? `${skipped} skipped` : null,
    code: failures === 0 ? 0 : 1,
  };
}
