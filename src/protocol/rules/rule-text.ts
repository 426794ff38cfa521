import { visibleText } from '../../base/visible-text.ts';
import type { Rule } from './rule.ts';

const SAID_ALONE = /^[\p{L}\p{N}_@%+=:,./~*?{}[\]^!-]+$/u;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A rule in one line, the same wherever it is shown or written down:
 * `allow command "npm test" in /home/ada/project`. What cannot be seen is escaped.
 */
export function ruleText(rule: Rule): string {
  const about = what(rule);
  const said = about.length === 0 ? ['everything'] : about;
  return [rule.decision, ...said, ...where(rule), ...bounds(rule)].join(' ');
}

function what(rule: Rule): string[] {
  return [
    ...(rule.kind === undefined ? [] : [rule.kind]),
    ...(rule.command === undefined ? [] : [`command ${quoted(rule.command)}`]),
    ...(rule.path === undefined ? [] : [`path ${word(rule.path)}`]),
    ...(rule.host === undefined ? [] : [`host ${word(rule.host)}`]),
    ...(rule.mcp === undefined ? [] : [`mcp ${word(rule.mcp)}`]),
  ];
}

function where(rule: Rule): string[] {
  return [
    ...(rule.agent === undefined ? [] : [`by ${word(rule.agent)}`]),
    ...(rule.folder === undefined ? [] : [`in ${word(rule.folder)}`]),
    ...(rule.branch === undefined ? [] : [`on branch ${word(rule.branch)}`]),
    ...(rule.session === undefined ? [] : [`in session ${word(rule.session)}`]),
  ];
}

function bounds(rule: Rule): string[] {
  const { until, uses, fresh } = rule;
  return [
    ...(until === undefined ? [] : [`until ${word(until)}`]),
    ...(uses === undefined ? [] : [uses === 1 ? 'once' : `${uses} times`]),
    ...(fresh === undefined ? [] : ['with a fresh check of the person']),
  ];
}

function word(text: string): string {
  return SAID_ALONE.test(text) && visibleText(text) === text ? text : quoted(text);
}

function quoted(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/[\n\r\t]/g, (one) => ESCAPES[one] ?? one);
  return `"${visibleText(escaped)}"`;
}
