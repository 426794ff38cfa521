import { describe, expect, test } from 'vitest';
import { problemOfError } from '../../../../../src/host/agents/acp/acp-problems.ts';
import { launcherOf } from '../../../../../src/host/agents/launchers/launchers.ts';

const NOW = Date.parse('2026-11-21T08:06:00Z');
const read = (agent: string, error: { code: number; message: string; data?: unknown }) => {
  const { kind, resetsAt } = problemOfError(error, launcherOf(agent).profile, NOW);
  return resetsAt === undefined ? kind : `${kind} until ${resetsAt}`;
};
const internal = (message: string, data?: unknown) => ({ code: -32603, message, data });

/** Recorded from the real agents, against a model that answers so. */
describe('what the agents say', () => {
  test.each([
    [
      'claude',
      'a 500',
      internal(
        'Internal error: API Error: 500 scripted 500. This is a server-side issue, usually temporary — try again in a moment. If it persists, check your inference gateway (127.0.0.1:38159).',
        { errorKind: 'server_error' },
      ),
      'network',
    ],
    [
      'claude',
      'a connection that breaks',
      internal(
        'Internal error: API Error: Connection dropped (ECONNRESET). Check the gateway set in ANTHROPIC_BASE_URL, then try again.',
        { errorKind: 'server_error' },
      ),
      'network',
    ],
    [
      'claude',
      'the limit of a subscription',
      internal("Internal error: You've hit your 5-hour limit · resets 10:06am (UTC)", {
        errorKind: 'rate_limit',
      }),
      'limit until 2026-11-21T10:06:00.000Z',
    ],
    [
      'claude',
      'a 429 for an API key',
      internal('Internal error: API Error: Request rejected (429) · scripted 429', {
        errorKind: 'rate_limit',
      }),
      'limit',
    ],
    [
      'codex',
      'the limit of a plan',
      internal('Internal error', {
        message:
          'You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), visit https://chatgpt.com/settings/usage to purchase more credits or try again in 2 hours.',
        codexErrorInfo: 'usageLimitExceeded',
      }),
      'limit until 2026-11-21T10:06:00.000Z',
    ],
    [
      'codex',
      'a stream that broke, five times',
      internal('stream disconnected before completion: error sending request', {
        codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } },
      }),
      'network',
    ],
    [
      'opencode',
      'a connection that breaks',
      internal(
        'Internal error: Cannot connect to API: The socket connection was closed unexpectedly. For more information, pass `verbose: true` in the second argument to fetch()',
        { service: 'session', errorName: 'APIError' },
      ),
      'network',
    ],
    ['gemini', 'a 503', { code: 503, message: 'The model is overloaded.' }, 'network'],
    [
      'gemini',
      'a quota that is used up',
      { code: 429, message: 'Rate limit exceeded. Try again later.' },
      'limit',
    ],
    [
      'gemini',
      'a connection that breaks',
      { code: 500, message: 'exception TypeError: fetch failed sending request' },
      'network',
    ],
  ])('%s: %s', (agent, _, error, expected) => {
    expect(read(agent, error)).toBe(expected);
  });
});

test.each([
  'The prompt is too long: 250000 tokens > 200000 maximum',
  'No such model: fable-9',
  'Tool limit of 128 tools exceeded',
  'Unexpected end of JSON input',
  'The file fetch.ts does not exist',
])('what is neither is left as it is: %s', (message) => {
  expect(read('claude', internal(message))).toBe('other');
});
