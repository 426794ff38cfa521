// What failed in a whole run, told once more at its end: somewhere in thousands of lines nobody finds it.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './programs.mjs';

const MAX_LINES = 12;
const MAX_CHARS = 1_200;
const MAX_TOLD = 12;

/**
 * @param {unknown} report the parsed JSON report of Vitest; null when there is none
 * @returns {string[]} one text for each test that failed and each file that could not be loaded
 */
export function failuresOf(report) {
  return (report?.testResults ?? []).flatMap((file) => {
    const place = relative(root, file.name);
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0 && file.status === 'failed') return [told(place, file.message)];
    return failed.map((test) => told(`${place} > ${test.fullName}`, test.failureMessages?.[0]));
  });
}

/** The part above the count line; empty when nothing failed. */
export function failureList(failures) {
  if (failures.length === 0) return '';
  const more = failures.length - MAX_TOLD;
  return [
    '\n── failed ──',
    ...failures.slice(0, MAX_TOLD),
    ...(more > 0 ? [`and ${more} more, above`] : []),
    '',
  ].join('\n');
}

function told(name, message) {
  const lines = stripVTControlCharacters(message ?? '')
    .slice(0, MAX_CHARS)
    .trimEnd()
    .split('\n')
    .filter((line) => !/^\s+at .*(node_modules|new Promise|node:internal)/.test(line))
    .slice(0, MAX_LINES);
  return [`FAILED ${name}`, ...lines.map((line) => `    ${line}`)].join('\n');
}
