import { z } from 'zod';
import { jsonLine, oneLine } from '../output/text.ts';

const lineSchema = z.looseObject({
  level: z.number().optional(),
  time: z.union([z.number(), z.string()]).optional(),
  msg: z.string().optional(),
});
const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
/** Fields that say the same on every line. */
const CONSTANT = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'v', 'name']);

/** The line as it is; one that is no JSON object (a crash's last words) is wrapped into one. */
export function logJson(line: string): string {
  const parsed = parse(line);
  return jsonLine(parsed ?? { msg: line });
}

/** Time, level, message, then the fields: for people. */
export function logText(line: string): string {
  const parsed = parse(line);
  if (parsed === null) return oneLine(line);
  const { level, time, msg = '' } = parsed;
  const fields = Object.entries(parsed).filter(([key]) => !CONSTANT.has(key));
  const at = time === undefined ? '' : timeOf(time);
  const words = fields.map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${oneLine(at)} ${(LEVELS[level ?? 30] ?? String(level)).padEnd(5)} ${oneLine([msg, ...words].join(' '))}`;
}

function parse(line: string): z.infer<typeof lineSchema> | null {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function timeOf(time: number | string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
