import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  addText,
  addTool,
  replayOf,
  type Conversation,
} from '../../../src/demo-agent/conversation.ts';
import {
  ConversationFolder,
  conversationFolderPath,
} from '../../../src/demo-agent/conversation-folder.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'demo-conversation-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const conversation = (n: number): Conversation => ({
  sessionId: id(n),
  cwd: '/tmp',
  title: null,
  model: 'lantern',
  updatedAt: new Date(n * 1_000).toISOString(),
  entries: [],
});

test('chunks of one message become one replayed message with the id it had live', () => {
  const kept = conversation(1);
  addText(kept.entries, 'user', 'm1', 'Hello');
  addText(kept.entries, 'agent', 'm2', 'Good ');
  addText(kept.entries, 'agent', 'm2', 'evening');
  addTool(kept.entries, { say: 'tool', toolCallId: 'call_1', title: 'Look', status: 'completed' });
  expect(replayOf(kept)).toEqual([
    {
      sessionUpdate: 'user_message_chunk',
      messageId: 'm1',
      content: { type: 'text', text: 'Hello' },
    },
    {
      sessionUpdate: 'agent_message_chunk',
      messageId: 'm2',
      content: { type: 'text', text: 'Good evening' },
    },
    { sessionUpdate: 'tool_call', toolCallId: 'call_1', title: 'Look', status: 'completed' },
  ]);
});

test('a flood is not remembered whole, nor are endless entries', () => {
  const kept = conversation(1);
  for (let n = 0; n < 40; n += 1) addText(kept.entries, 'agent', 'm', 'x'.repeat(8_192));
  for (let n = 0; n < 1_000; n += 1) addText(kept.entries, 'user', `m${n}`, 'hi');
  expect([kept.entries.length, JSON.stringify(kept).length < 128 * 1_024]).toEqual([500, true]);
});

test('a conversation comes back as it was written, and no half-written file stays', () => {
  const files = new ConversationFolder(folder);
  files.write(conversation(1));
  files.write(conversation(1));
  expect([files.read(id(1)), readdirSync(folder)]).toEqual([conversation(1), [`${id(1)}.json`]]);
});

test('an id that is a path, an unknown one and a spoilt file are all nothing', () => {
  const files = new ConversationFolder(folder);
  writeFileSync(join(folder, `${id(2)}.json`), '{"sessionId":');
  expect([
    files.read('../../etc/passwd'),
    files.read(id(9)),
    files.read(id(2)),
    files.list(),
  ]).toEqual([null, null, null, []]);
});

test('the list is newest first', () => {
  const files = new ConversationFolder(folder);
  for (const n of [1, 3, 2]) files.write(conversation(n));
  expect(files.list().map((each) => each.sessionId)).toEqual([id(3), id(2), id(1)]);
});

test('only the newest 200 files stay', () => {
  const files = new ConversationFolder(folder);
  for (let n = 1; n <= 205; n += 1) {
    files.write(conversation(n));
    utimesSync(join(folder, `${id(n)}.json`), n, n);
  }
  files.prune();
  expect([readdirSync(folder).length, files.read(id(5)), files.read(id(6))?.sessionId]).toEqual([
    200,
    null,
    id(6),
  ]);
});

test('the folder is below XDG_STATE_HOME when that is an absolute path', () => {
  expect([
    conversationFolderPath({ XDG_STATE_HOME: folder }),
    conversationFolderPath({ XDG_STATE_HOME: 'relative' }).startsWith('relative'),
  ]).toEqual([join(folder, 'porchlight-demo-agent'), false]);
});
