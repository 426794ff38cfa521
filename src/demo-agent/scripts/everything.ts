import { join } from 'node:path';
import type { Script } from './script.ts';

/** 1×1 amber PNG. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4sZQBAAR1AcwPyfwfAAAAAElFTkSuQmCC';

/** One of each update that ACP v1 knows. */
export const everything: Script = {
  keys: '',
  does: 'one update of each kind that ACP v1 knows',
  async run(turn) {
    const path = join(turn.cwd, 'lamp.txt');
    await turn.update({
      sessionUpdate: 'user_message_chunk',
      content: { type: 'text', text: 'Light all lamps' },
    });
    await turn.title('One of everything');
    await turn.think('One of each, then. ');
    await turn.say('Here is one of each kind. ');
    await turn.update({
      sessionUpdate: 'agent_message_chunk',
      content: { type: 'image', mimeType: 'image/png', data: PIXEL },
    });
    await turn.update({
      sessionUpdate: 'agent_message_chunk',
      content: { type: 'resource_link', uri: `file://${path}`, name: 'lamp.txt' },
    });
    await turn.update({
      sessionUpdate: 'agent_message_chunk',
      content: {
        type: 'resource',
        resource: { uri: `file://${path}`, text: 'A lamp.', mimeType: 'text/plain' },
      },
    });
    await turn.plan(['Light the first lamp', 'Light the second'], 1);
    const id = await turn.tool({
      title: 'Look at lamp.txt',
      name: 'Read',
      kind: 'read',
      rawInput: { file_path: path },
      locations: [{ path }],
    });
    await turn.update({
      sessionUpdate: 'tool_call_update',
      toolCallId: id,
      status: 'in_progress',
      content: [
        { type: 'content', content: { type: 'text', text: 'A lamp.' } },
        { type: 'content', content: { type: 'image', mimeType: 'image/png', data: PIXEL } },
        {
          type: 'content',
          content: { type: 'resource_link', uri: `file://${path}`, name: 'lamp.txt' },
        },
        { type: 'diff', path, oldText: 'dark\n', newText: 'lit\n' },
      ],
    });
    await turn.toolChanged(id, { status: 'completed', rawOutput: { lines: 1 } });
    // An update of a call that was never announced: some agents do that.
    await turn.update({
      sessionUpdate: 'tool_call_update',
      toolCallId: `call_${turn.newId()}`,
      title: 'Never announced',
      kind: 'fetch',
      status: 'completed',
    });
    await turn.update({
      sessionUpdate: 'available_commands_update',
      availableCommands: [{ name: 'lamp', description: 'Light one', input: { hint: 'which' } }],
    });
    await turn.update({ sessionUpdate: 'current_mode_update', currentModeId: turn.mode });
    await turn.update({
      sessionUpdate: 'config_option_update',
      configOptions: [
        { id: 'wick', name: 'Trim the wick', type: 'boolean', currentValue: true },
        {
          id: 'model',
          name: 'Model',
          category: 'model',
          type: 'select',
          currentValue: 'lantern',
          options: [{ value: 'lantern', name: 'Lantern' }],
        },
      ],
    });
    await turn.update({
      sessionUpdate: 'notice',
      severity: 'warning',
      title: 'The oil is low',
      description: 'Half a lamp is left',
    });
    const compactionId = turn.newId();
    await turn.update({ sessionUpdate: 'compaction_update', compactionId, status: 'in_progress' });
    await turn.update({
      sessionUpdate: 'compaction_summary_chunk',
      compactionId,
      content: { type: 'text', text: 'Lamps were lit.' },
    });
    await turn.update({
      sessionUpdate: 'compaction_update',
      compactionId,
      status: 'completed',
      summary: [{ type: 'text', text: 'Lamps were lit.' }],
    });
    await turn.update({
      sessionUpdate: 'usage_update',
      used: 53_000,
      size: 200_000,
      cost: { amount: 0.12, currency: 'USD' },
    });
    await turn.chunk('That was all.');
  },
};
