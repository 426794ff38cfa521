import { describe, expect, it } from 'vitest';
import { countReport, sum, verdict } from '../../../build/test-count.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

const report = (passed: number, failed: number, skipped: number, ...files: object[]) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: skipped,
  numTodoTests: 0,
  testResults: files,
});

describe('counting tests', () => {
  it('takes the numbers of an ordinary run', () => {
    const run = report(2, 1, 1, file('failed', 'passed', 'failed'), file('passed', 'passed'));
    expect(countReport(run, 1)).toEqual({ passed: 2, failed: 1, skipped: 1, note: null });
  });

  it('counts a runner that left no report as a failure', () => {
    expect(countReport(null, 139)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const run = report(1, 0, 0, file('failed'), file('passed', 'passed'));
    expect(countReport(run, 1)).toMatchObject({ passed: 1, failed: 1, note: null });
  });

  it('counts an error outside the tests as a failure', () => {
    const run = report(1, 0, 0, file('passed', 'passed'));
    expect(countReport(run, 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('counts a run of only skipped tests as a failure', () => {
    const run = report(0, 0, 3, file('passed', 'pending', 'pending', 'pending'));
    expect(countReport(run, 0)).toMatchObject({ passed: 0, failed: 1, skipped: 3 });
  });
});

describe('the last line', () => {
  it('sums the groups, and holds nothing but the count', () => {
    const counts = [
      { passed: 3, failed: 0, skipped: 0 },
      { passed: 4, failed: 0, skipped: 2 },
    ];
    expect(verdict(sum(counts.slice(0, 1)))).toEqual({
      line: '3 passed, 0 failed',
      skipped: null,
      code: 0,
    });
    expect(verdict(sum(counts))).toEqual({
      line: '7 passed, 0 failed',
      skipped: '2 skipped',
      code: 0,
    });
  });

  it('fails when nothing was run', () => {
    expect(verdict(sum([]))).toMatchObject({ line: '0 passed, 1 failed', code: 1 });
  });
});
