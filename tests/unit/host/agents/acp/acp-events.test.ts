import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agentOptions,
  nativeModeOf,
  optionsOfUpdate,
  translateUpdate,
} from '../../../../../src/host/agents/acp/acp-events.ts';
import { updateSchemas } from '../../../../../src/host/agents/acp/acp-schema.ts';
import { MAX_EVENT_BYTES } from '../../../../../src/protocol/limits.ts';
import { eventBodySchema } from '../../../../../src/protocol/session/events.ts';

const text = (words: string) => ({ type: 'text', text: words });
const KINDS = Object.keys(updateSchemas);

describe('translateUpdate', () => {
  it.each([
    [
      { sessionUpdate: 'user_message_chunk', content: text('hi'), messageId: 'm' },
      [{ type: 'user.text', text: 'hi', messageId: 'm' }],
    ],
    [
      { sessionUpdate: 'agent_message_chunk', content: text('hi') },
      [{ type: 'agent.text', text: 'hi' }],
    ],
    [
      {
        sessionUpdate: 'agent_message_chunk',
        content: { type: 'image', data: 'aGk=', mimeType: 'image/png' },
      },
      [{ type: 'agent.image', mimeType: 'image/png', data: 'aGk=' }],
    ],
    [
      {
        sessionUpdate: 'agent_message_chunk',
        content: { type: 'resource_link', uri: 'file:///a', name: 'a' },
      },
      [{ type: 'agent.link', uri: 'file:///a', name: 'a' }],
    ],
    [
      { sessionUpdate: 'agent_thought_chunk', content: text('hm') },
      [{ type: 'agent.thought', text: 'hm' }],
    ],
    [
      {
        sessionUpdate: 'tool_call',
        toolCallId: 't',
        title: 'Run',
        kind: 'execute',
        status: 'pending',
        rawInput: { command: 'ls' },
        locations: [{ path: '/a', line: null }],
        _meta: { claudeCode: { toolName: 'Bash' } },
      },
      [
        {
          type: 'tool.updated',
          toolCallId: 't',
          title: 'Run',
          tool: 'Bash',
          kind: 'execute',
          status: 'pending',
          input: { command: 'ls' },
          locations: [{ path: '/a' }],
        },
      ],
    ],
    [
      {
        sessionUpdate: 'tool_call_update',
        toolCallId: 't',
        title: null,
        content: [
          { type: 'content', content: text('out') },
          { type: 'diff', path: '/a', newText: 'x' },
          { type: 'terminal', terminalId: '1' },
        ],
        rawOutput: 'out',
      },
      [
        {
          type: 'tool.updated',
          toolCallId: 't',
          output: 'out',
          content: [
            { type: 'text', text: 'out' },
            { type: 'diff', path: '/a', oldText: null, newText: 'x' },
            { type: 'resource', uri: 'terminal:1' },
          ],
        },
      ],
    ],
    [
      {
        sessionUpdate: 'tool_call_update',
        toolCallId: 't',
        _meta: { terminal_output_delta: { data: 'more' } },
      },
      [{ type: 'tool.updated', toolCallId: 't', moreOutput: 'more' }],
    ],
    [
      {
        sessionUpdate: 'plan',
        entries: [{ content: 'a', priority: 'urgent', status: 'completed' }, 7],
      },
      [
        {
          type: 'plan.updated',
          entries: [{ content: 'a', priority: 'medium', status: 'completed' }],
        },
      ],
    ],
    [
      {
        sessionUpdate: 'available_commands_update',
        availableCommands: [{ name: 'init', description: 'x', input: { hint: 'h' } }],
      },
      [{ type: 'commands.changed', commands: [{ name: 'init', description: 'x', hint: 'h' }] }],
    ],
    [{ sessionUpdate: 'current_mode_update', currentModeId: 'plan' }, []],
    [
      { sessionUpdate: 'session_info_update', title: ' A \n task ' },
      [{ type: 'session.titled', title: 'A task', by: 'agent' }],
    ],
    [{ sessionUpdate: 'session_info_update', _meta: {} }, []],
    [
      { sessionUpdate: 'usage_update', used: 1, size: 2, cost: { amount: 3, currency: 'USD' } },
      [{ type: 'usage.updated', used: 1, size: 2, cost: { amount: 3, currency: 'USD' } }],
    ],
    [
      { sessionUpdate: 'notice', severity: 'fatal', title: 'a', description: 'b' },
      [{ type: 'notice', level: 'info', text: 'a\nb', by: 'agent' }],
    ],
    [
      { sessionUpdate: 'compaction_update', status: 'completed', summary: [text('short')] },
      [{ type: 'context.compacted', status: 'completed', summary: 'short' }],
    ],
    [
      { sessionUpdate: 'compaction_summary_chunk', content: text('s') },
      [{ type: 'context.compacted', status: 'in_progress', summary: 's' }],
    ],
  ])('turns %j into events', (update, events) => {
    expect(translateUpdate(update)).toEqual(events);
  });

  it('says nothing of a kind that it does not know, not even one named like a part of every object', () => {
    expect(
      ['new_thing', 'constructor', '__proto__', 'toString'].flatMap((sessionUpdate) =>
        translateUpdate({ sessionUpdate }),
      ),
    ).toEqual([]);
  });

  it.each(KINDS.filter((kind) => kind !== 'session_info_update'))(
    'says so when a %s cannot be read',
    (sessionUpdate) => {
      expect(translateUpdate({ sessionUpdate })).toEqual([
        {
          type: 'notice',
          level: 'warning',
          text: `The agent sent an update that cannot be read (${sessionUpdate}); it was left out.`,
          by: 'host',
        },
      ]);
    },
  );

  it('never throws, and gives only valid events, whatever an agent sends', () => {
    const update = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          sessionUpdate: fc.constantFrom(...KINDS),
          toolCallId: fc.jsonValue(),
          content: fc.jsonValue(),
          rawInput: fc.jsonValue(),
          title: fc.jsonValue(),
          entries: fc.jsonValue(),
          availableCommands: fc.jsonValue(),
          configOptions: fc.jsonValue(),
        },
        { requiredKeys: ['sessionUpdate'] },
      ),
    );
    fc.assert(
      fc.property(update, (value) =>
        translateUpdate(value).every((body) => eventBodySchema.safeParse(body).success),
      ),
    );
  });

  it('loses nothing of a long text, and cuts no character', () => {
    const long = '🏠'.repeat(MAX_EVENT_BYTES / 4 + 1);
    const bodies = translateUpdate({
      sessionUpdate: 'agent_message_chunk',
      content: text(`x${long}`),
    });
    const texts = bodies.map((body) => (body.type === 'agent.text' ? body.text : ''));
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.filter((piece) => /\p{Surrogate}/u.test(piece))).toEqual([]);
    expect(texts.join('')).toBe(`x${long}`);
  });

  it('keeps head and tail of huge output within an event, and counts what is missing', () => {
    const content = Array.from({ length: 20 }, (_, i) => ({
      type: 'content',
      content: text(`begin${i}${'é'.repeat(1_000_000)}end${i}`),
    }));
    const [body] = translateUpdate({
      sessionUpdate: 'tool_call_update',
      toolCallId: 't',
      content,
      rawOutput: { text: 'y'.repeat(3_000_000) },
      rawInput: 'z'.repeat(3_000_000),
    });
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(MAX_EVENT_BYTES);
    expect(body).toMatchObject({
      leftOutBytes: expect.any(Number),
      content: [
        { text: expect.stringMatching(/^begin0[\s\S]*bytes left out[\s\S]*end0$/) },
        ...Array(19).fill(expect.anything()),
      ],
    });
  });

  it('does not keep what is nested so deeply that it could not be stored', () => {
    const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
    expect(
      translateUpdate({ sessionUpdate: 'tool_call', toolCallId: 't', rawInput: deep }),
    ).toEqual([{ type: 'tool.updated', toolCallId: 't', input: '(nested too deeply to keep)' }]);
  });
});

describe('what an update tells of settings', () => {
  const options = [
    {
      id: 'model',
      name: 'Model',
      type: 'select',
      currentValue: 'a',
      options: [
        { group: 'g', name: 'G', options: [{ value: 'a', name: 'A' }] },
        { value: 'b', name: 'B', description: null },
      ],
    },
    { id: 'fast', name: 'Fast', type: 'boolean', currentValue: true },
    { id: 'broken', type: 'slider' },
    { id: 'mode', name: 'Mode', type: 'select', currentValue: 'a', options: [] },
    {
      id: 'x',
      name: 'X',
      category: 'mode',
      type: 'select',
      currentValue: 'a',
      options: [],
    },
  ];

  it("is the agent's options, groups as one list, without those it cannot show", () => {
    const parsed = optionsOfUpdate({
      sessionUpdate: 'config_option_update',
      configOptions: options,
    });
    expect(agentOptions(parsed ?? [])).toEqual([
      {
        id: 'model',
        name: 'Model',
        current: 'a',
        values: [
          { value: 'a', name: 'A' },
          { value: 'b', name: 'B' },
        ],
      },
      { id: 'fast', name: 'Fast', current: true, values: [] },
    ]);
  });

  it('is the mode of a mode update, and null of any other', () => {
    expect(
      [
        { sessionUpdate: 'current_mode_update', currentModeId: 'plan' },
        { sessionUpdate: 'current_mode_update' },
        { sessionUpdate: 'plan', currentModeId: 'x' },
        null,
      ].map(nativeModeOf),
    ).toEqual(['plan', null, null, null]);
  });
});
