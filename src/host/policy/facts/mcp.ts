import type { AskedCall } from '../policy.ts';
import type { McpFact } from './call-facts.ts';
import type { CallShape } from './call-shape.ts';

const MAX_NAME_CHARS = 300;

/** What agents write unless their profile says otherwise. */
const USUAL: NonNullable<CallShape['mcp']> = { from: 'tool', prefix: 'mcp__', joint: '__' };

/** The MCP tool that a call names; null when it is none. */
export function mcpOf({ call, title, kind }: AskedCall, shape: CallShape): McpFact | null {
  const { from, prefix, joint, besides } = shape.mcp ?? USUAL;
  const name = from === 'tool' ? call.tool : title;
  if (from === 'title' && !['other', 'execute'].includes(kind)) return null;
  if (!name.startsWith(prefix) || name.length > MAX_NAME_CHARS || /[\s/]/u.test(name)) return null;
  if (besides?.includes(name) === true) return null;
  const readings = readingsOf(name.slice(prefix.length), joint);
  return readings.length === 0 ? null : { name, readings };
}

function readingsOf(joined: string, joint: string): McpFact['readings'] {
  const readings: { server: string; tool: string }[] = [];
  for (let at = joined.indexOf(joint, 1); at !== -1; at = joined.indexOf(joint, at + 1)) {
    const tool = joined.slice(at + joint.length);
    if (tool !== '') readings.push({ server: joined.slice(0, at), tool });
  }
  return readings;
}
