import { resolve } from 'node:path';
import type { ToolKind } from '../../protocol/approval/tool-kinds.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { CheckedCall } from '../../protocol/rules/check.ts';
import type { Rule, RuleDecision, RuleRow } from '../../protocol/rules/rule.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, wrongUsage } from '../failure.ts';
import { ask } from '../host/host-link.ts';
import { sessionIdOf } from '../ids.ts';
import { oneLine } from '../output/text.ts';
import { checkText, filesText, ruleTable } from '../output/rule-text.ts';
import { momentMs, spanMs } from '../times.ts';
import { invokedIn } from './start.ts';

interface WhatOptions {
  readonly agent?: string;
  readonly kind?: ToolKind;
  readonly command?: string;
  readonly host?: string;
  readonly mcp?: string;
  readonly session?: string;
}

export interface AddOptions extends WhatOptions {
  readonly path?: string;
  readonly branch?: string;
  readonly folder?: string;
  readonly for?: string;
  readonly until?: string;
  readonly uses?: number;
  readonly fresh?: true;
  readonly note?: string;
}

export interface CheckOptions extends WhatOptions {
  readonly path?: readonly string[];
  readonly cwd?: string;
  readonly mode?: Mode;
}

/** `porchlight rules` */
export async function listRules(cli: Cli): Promise<void> {
  const { rules, files } = await ask(cli, 'rules.list', { folder: invokedIn(cli) });
  await cli.out.answer(rules.map(flat), () => {
    const list =
      rules.length === 0
        ? 'No rules. Add one with: porchlight rules add allow --command "npm test"'
        : ruleTable(rules, cli.out.columns);
    return [list, ...filesText(files)].join('\n');
  });
}

/** `porchlight rules add DECISION` */
export async function addRule(
  cli: Cli,
  decision: RuleDecision,
  options: AddOptions,
): Promise<void> {
  const rule = await ruleOf(cli, decision, options);
  const { row } = await ask(cli, 'rules.add', { commandId: cli.newCommandId(), rule });
  await cli.out.answer([flat(row)], () => `Rule ${row.n}: ${oneLine(row.text)}`);
}

/** `porchlight rules remove N` */
export async function removeRule(cli: Cli, given: string): Promise<void> {
  if (!/^[1-9]\d{0,8}$/u.test(given))
    throw wrongUsage(`${oneLine(given)} is no number of a rule: see porchlight rules`);
  const { rules } = await ask(cli, 'rules.list', { folder: invokedIn(cli) });
  const row = rules.find(({ n }) => n === Number(given));
  if (row === undefined)
    throw new CliFailure(`There is no rule ${given}. List them with: porchlight rules`);
  if (row.source !== 'user')
    throw new CliFailure(
      `Rule ${given} is ${WHOSE[row.source]} (${oneLine(row.file)}), so it cannot be removed here.`,
    );
  await ask(cli, 'rules.remove', { commandId: cli.newCommandId(), id: row.id });
  await cli.out.answer([flat(row)], () => `Removed: ${oneLine(row.text)}`);
}

/** `porchlight rules check` */
export async function checkCall(cli: Cli, options: CheckOptions): Promise<void> {
  const { agent, kind, command, host, mcp, mode, path, session } = options;
  if ([kind, command, host, mcp, path].every((each) => each === undefined))
    throw wrongUsage(
      'Say what the call would do: --command, --path, --host, --mcp or --kind. Example: porchlight rules check --command "npm test"',
    );
  const checked = await ask(cli, 'rules.check', {
    cwd: resolve(invokedIn(cli), options.cwd ?? '.'),
    ...given({ agent, kind, command, host, mcp, mode }),
    ...(path !== undefined && { paths: [...path] }),
    ...(session !== undefined && { session: await sessionIdOf(cli, session) }),
  });
  await cli.out.answer(jsonOf(checked), () => checkText(checked));
}

function jsonOf({ decision, rule, risk, asks, steps, notEnforceable }: CheckedCall) {
  return { decision, rule, risk, asks, steps, notEnforceable };
}

/** A row as the contract of the command line has it: the rule's own fields beside the rest. */
function flat({ n, id, source, file, rule, text, usesLeft, notInForce }: RuleRow) {
  return { n, ...rule, source, id, file, text, ...given({ usesLeft, notInForce }) };
}

async function ruleOf(cli: Cli, decision: RuleDecision, options: AddOptions): Promise<Rule> {
  const { agent, kind, command, path, host, mcp, branch, uses, fresh, note } = options;
  const what = { agent, kind, command, path, host, mcp };
  const where = { branch, folder: options.folder, session: options.session };
  if (decision === 'allow' && [...Object.values(what), ...Object.values(where)].every(isAbsent))
    throw wrongUsage(
      'Say what it allows: --command, --path, --host, --mcp, --kind, --agent, --session, --branch or --folder.',
    );
  const session =
    options.session === undefined ? undefined : await sessionIdOf(cli, options.session);
  return {
    decision,
    ...given({ ...what, branch, uses, fresh, note, session }),
    ...(options.folder !== undefined && { folder: folderOf(cli, options.folder) }),
    ...untilOf(options, cli.nowMs()),
  };
}

/** Quoted, `~/` reaches us as it was typed; the rule says the same wherever it is read. */
function folderOf(cli: Cli, folder: string): string {
  if (folder === '~' || folder.startsWith('~/')) return folder;
  return resolve(invokedIn(cli), folder);
}

function untilOf(options: AddOptions, nowMs: number): { until?: string } {
  const untilMs =
    options.for !== undefined
      ? nowMs + spanMs(options.for)
      : options.until !== undefined
        ? momentMs(options.until, nowMs)
        : null;
  return untilMs === null ? {} : { until: new Date(untilMs).toISOString() };
}

function isAbsent(value: unknown): boolean {
  return value === undefined;
}

/** Without what was not given: on the wire a field is there or it is not. */
function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const there = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [K in keyof T]?: NonNullable<T[K]> };
}

const WHOSE = {
  project: "the project's own",
  policy: "the administrator's",
  builtIn: 'built in',
} as const;
