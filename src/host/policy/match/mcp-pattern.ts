import type { McpFact } from '../facts/call-facts.ts';

/** `server/tool`, or `server/*`. */
export interface McpPattern {
  readonly server: string;
  /** null: each of them. */
  readonly tool: string | null;
}

export function mcpPattern(written: string): McpPattern {
  const at = written.indexOf('/');
  const server = at === -1 ? written : written.slice(0, at);
  const tool = at === -1 ? '*' : written.slice(at + 1);
  return { server, tool: tool === '*' ? null : tool };
}

/**
 * `surely`: no other reading of the tool's name is possible, or the rule names it whole. An agent that
 * joins server and tool to one name leaves open which is which.
 */
export function matchesMcp(pattern: McpPattern, mcp: McpFact, surely: boolean): boolean {
  const fits = mcp.readings.filter(
    ({ server, tool }) =>
      matchesName(pattern.server, server) &&
      (pattern.tool === null || matchesName(pattern.tool, tool)),
  );
  if (fits.length === 0) return false;
  return !surely || pattern.tool !== null || fits.length === mcp.readings.length;
}

/** Agents write `_` for what a name may not hold. */
function matchesName(ruled: string, called: string): boolean {
  return ruled === called || ruled.replace(/[^\w-]/g, '_') === called;
}
