import { createTwoFilesPatch } from 'diff';
import type { Approval, AsksBecause, FileDiff } from '../../protocol/approval/approval.ts';
import { ago, indent, oneLine, visible } from './text.ts';

/** Beyond this many changed lines a minimal diff takes too long; old and new are shown whole. */
const MAX_EDIT_LENGTH = 5_000;

/** An approval for a person to decide on: the call whole, nothing cut, nothing hidden. */
export function approvalText(approval: Approval, nowMs: number): string {
  const lines = [
    `${approval.id}  ${approval.kind}  ${approval.sessionId}  ${ago(approval.createdAt, nowMs)}`,
    indent(visible(approval.title), '  '),
  ];
  lines.push(...placeLines(approval));
  if (approval.why !== undefined) lines.push(indent(visible(approval.why), '  '));
  if (approval.kind === 'question') lines.push(...questionLines(approval));
  else lines.push(...callLines(approval));
  if (approval.expiresAt !== null) lines.push(`  expires ${approval.expiresAt}`);
  return lines.join('\n');
}

/** By whom and where, how risky, and why a person is asked; nothing of what an older host leaves out. */
function placeLines({ agent, cwd, mode, risk, asks, decider }: Approval): string[] {
  const lines: string[] = [];
  if (agent !== undefined && cwd !== undefined)
    lines.push(`  ${oneLine(agent)}${mode ? `, mode ${mode}` : ''}, in ${oneLine(cwd)}`);
  if (risk !== undefined && (risk.level !== 'low' || risk.marks.length > 0)) {
    const marks = risk.marks.map(({ kind, about }) => oneLine(`${kind} ${about}`.trim()));
    lines.push(`  risk: ${[risk.level, ...marks].join('; ')}`);
  }
  const rule = asks?.rule === undefined ? '' : `: ${oneLine(asks.rule.text)}`;
  if (asks !== undefined && asks.because !== 'question')
    lines.push(`  asks because ${ASKS_WORDS[asks.because]}${rule}`);
  if (decider?.fresh === true) lines.push('  on a phone its person must prove to be there');
  return lines;
}

const ASKS_WORDS = {
  noRule: 'no rule decides it',
  rule: 'a rule says so',
  porchlight: 'it touches Porchlight itself',
  unreadable: 'what it does cannot be told from its text',
} as const satisfies Record<Exclude<AsksBecause['because'], 'question'>, string>;

function callLines({ id, call }: Approval): string[] {
  const lines = call.tool === '' ? [] : [`  tool: ${oneLine(call.tool)}`];
  lines.push(...fields(call.input));
  const places = call.locations.map(({ path, line }) =>
    line === undefined ? path : `${path}:${line}`,
  );
  if (places.length > 0 && call.diff.length === 0)
    lines.push(`  in: ${places.map(oneLine).join(', ')}`);
  for (const file of call.diff) lines.push(indent(visible(patch(file)), '    '));
  lines.push(`  allow: porchlight approve ${id}`, `  deny:  porchlight deny ${id}`);
  return lines;
}

/** The agent's raw input, key by key; long and many-line values whole, below their name. */
function fields(input: unknown): string[] {
  if (input === undefined || input === null) return [];
  if (typeof input !== 'object' || Array.isArray(input)) return field('input', input);
  return Object.entries(input).flatMap(([key, value]) => field(oneLine(key), value));
}

function field(name: string, value: unknown): string[] {
  const text = visible(typeof value === 'string' ? value : JSON.stringify(value));
  return text.includes('\n') ? [`  ${name}:`, indent(text, '    ')] : [`  ${name}: ${text}`];
}

function patch(file: FileDiff): string {
  const before = file.oldText ?? '';
  const options = { context: 3, maxEditLength: MAX_EDIT_LENGTH };
  const minimal = createTwoFilesPatch(
    file.oldText === null ? '/dev/null' : file.path,
    file.path,
    before,
    file.newText,
    '',
    '',
    options,
  );
  // Above the file's names stand an index and a rule across the page.
  if (minimal !== undefined) return minimal.slice(minimal.indexOf('--- ')).trimEnd();
  return [
    `--- ${file.path}`,
    indent(before, '-'),
    `+++ ${file.path}`,
    indent(file.newText, '+'),
  ].join('\n');
}

function questionLines({ id, call }: Approval): string[] {
  const { properties, required } = formOf(call.input);
  const lines = Object.entries(properties).map(([name, schema]) => {
    const about = [
      typeOf(schema),
      required.includes(name) ? 'required' : 'optional',
      text(schema, 'title'),
      text(schema, 'description'),
    ];
    return `  ${oneLine(name)}: ${about
      .filter((part) => part !== '')
      .map(oneLine)
      .join('; ')}`;
  });
  const example = JSON.stringify(
    Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name, exampleOf(schema)]),
    ),
  );
  lines.push(
    `  answer:  porchlight answer ${id} ${visible(shellQuoted(example))}`,
    `  decline: porchlight deny ${id}`,
  );
  return lines;
}

function formOf(input: unknown): {
  properties: Record<string, unknown>;
  required: readonly unknown[];
} {
  const schema = child(input, 'requestedSchema');
  const properties = child(schema, 'properties');
  const required = child(schema, 'required');
  return {
    properties: typeof properties === 'object' && properties !== null ? { ...properties } : {},
    required: Array.isArray(required) ? required : [],
  };
}

/** The values a field may take: `enum`, or the constants of `oneOf`. */
function choices(schema: unknown): unknown[] {
  const listed = child(schema, 'enum');
  if (Array.isArray(listed)) return listed;
  const oneOf = child(schema, 'oneOf') ?? child(schema, 'anyOf');
  return Array.isArray(oneOf)
    ? oneOf.map((choice) => child(choice, 'const')).filter((value) => value !== undefined)
    : [];
}

function typeOf(schema: unknown): string {
  const items = child(schema, 'items');
  if (items !== undefined) return `any of ${choices(items).map(String).join(' | ')}`;
  const values = choices(schema);
  return values.length > 0 ? values.map(String).join(' | ') : text(schema, 'type');
}

function exampleOf(schema: unknown): unknown {
  if (child(schema, 'items') !== undefined) return choices(child(schema, 'items')).slice(0, 1);
  const [first] = choices(schema);
  if (first !== undefined) return first;
  const type = child(schema, 'type');
  return type === 'boolean' ? true : type === 'number' || type === 'integer' ? 1 : '…';
}

function child(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

function text(value: unknown, key: string): string {
  const found = child(value, key);
  return typeof found === 'string' ? found : '';
}

function shellQuoted(given: string): string {
  return `'${given.replaceAll("'", "'\\''")}'`;
}
