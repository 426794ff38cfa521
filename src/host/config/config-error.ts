import type { z } from 'zod';

/** config.json cannot be used. The message names the file, the place in it and what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError';

  constructor(file: string, what: string, cause?: unknown) {
    super(`config.json (${file}): ${what}`, { cause });
  }
}

/** Zod's findings as one sentence each: `agents.claude.comand is not a known key`. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  return issues.flatMap(describe).join('; ');
}

function describe(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.map(String);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => `${[...place, key].join('.')} is not a known key`);
    case 'invalid_key':
      return [
        `${place.join('.')} is not a name for an agent: use small letters, digits, ".", "_" and "-"`,
      ];
    case 'invalid_type':
      return [`${where(place)} must be ${article(issue.expected)}`];
    case 'invalid_value':
      return [`${where(place)} must be one of ${issue.values.map(String).join(', ')}`];
    default:
      return [`${where(place)}: ${issue.message}`];
  }
}

function where(place: readonly string[]): string {
  return place.length === 0 ? 'the whole file' : place.join('.');
}

function article(expected: string): string {
  const name = { record: 'object', int: 'whole number' }[expected] ?? expected;
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
}
