import type { z } from 'zod';
import { MAX_RULES, ruleSchema, type Rule } from '../../protocol/rules/rule.ts';
import { describeIssues } from '../config/config-error.ts';
import { faultsOf, type CommandProblem } from './rule-checks.ts';
import {
  JsonFault,
  lineAndColumn,
  offsetOf,
  parseStrictJson,
  type JsonPath,
} from './strict-json.ts';

/** A file with 10,000 faults is as bad as one with these. */
const MAX_TOLD = 5;

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** In words, each with its line, column and key. */
  | { readonly ok: false; readonly problem: string };

/** A file of rules from its bytes, strictly. The rules stand at `rules` in what the schema gives. */
export function parseRuleFile<T extends { rules: readonly Rule[] }>(
  bytes: Buffer,
  schema: z.ZodType<T>,
  commandProblem: CommandProblem,
): Parsed<T> {
  const text = decode(bytes);
  if (typeof text !== 'string') return text;
  let json: unknown;
  try {
    json = parseStrictJson(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return bad(`${place(text, error.offset)}: it is not JSON that can be used: ${error.message}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return bad(tell(text, parsed.error.issues.flatMap(oneEach)));
  const faults = parsed.data.rules.flatMap((rule, i) =>
    faultsOf(rule, commandProblem).map(({ key, words }) => ({
      path: ['rules', i, key],
      words: `rules.${i}.${key} ${words}`,
    })),
  );
  if (faults.length > 0) return bad(tell(text, faults));
  return { ok: true, value: parsed.data };
}

/**
 * Of a file that cannot be believed or not be understood as a whole: the rules that only tighten, as
 * far as each can be understood. Better than none of them, where there is no good one from before.
 */
export function tighteningOf(bytes: Buffer, commandProblem: CommandProblem): Rule[] {
  const text = decode(bytes);
  if (typeof text !== 'string') return [];
  try {
    const json = parseStrictJson(text);
    const rules: unknown = typeof json === 'object' && json !== null && Reflect.get(json, 'rules');
    if (!Array.isArray(rules)) return [];
    return rules.slice(0, MAX_RULES).flatMap((each: unknown) => {
      const { success, data } = ruleSchema.safeParse(each);
      const isGood = success && data.decision !== 'allow';
      return isGood && faultsOf(data, commandProblem).length === 0 ? [data] : [];
    });
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return [];
  }
}

interface Fault {
  readonly path: JsonPath;
  readonly words: string;
}

function oneEach(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code !== 'unrecognized_keys') return [{ path, words: describeIssues([issue]) }];
  return issue.keys.map((key) => ({
    path: [...path, key],
    words: describeIssues([{ ...issue, keys: [key] }]),
  }));
}

function tell(text: string, faults: readonly Fault[]): string {
  const told = faults
    .slice(0, MAX_TOLD)
    .map(({ path, words }) => `${place(text, offsetOf(text, path))}: ${words}`);
  const more = faults.length - told.length;
  return told.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function place(text: string, offset: number): string {
  const { line, column } = lineAndColumn(text, offset);
  return `line ${line}, column ${column}`;
}

function decode(bytes: Buffer): string | { ok: false; problem: string } {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return bad('it begins with a byte order mark: save it as UTF-8 without one');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bad('it is not UTF-8: save it so');
  }
}

function bad(problem: string): { ok: false; problem: string } {
  return { ok: false, problem };
}
