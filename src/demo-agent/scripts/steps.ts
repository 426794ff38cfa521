import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CommandResult } from '../children.ts';
import type { Turn } from '../turn.ts';
import { textOf } from './workplace.ts';

export interface FileEdit {
  readonly path: string;
  readonly newText: string;
}

/** One edit call over some files: announced with its diff, asked for where the mode asks, done. */
export async function editFiles(
  turn: Turn,
  title: string,
  edits: readonly FileEdit[],
): Promise<boolean> {
  const [first] = edits;
  if (first === undefined) return true;
  const id = await turn.tool({
    title,
    name: 'Edit',
    kind: 'edit',
    rawInput:
      edits.length === 1
        ? { file_path: first.path, content: first.newText }
        : { files: edits.map((edit) => ({ file_path: edit.path, content: edit.newText })) },
    locations: edits.map((edit) => ({ path: edit.path })),
    content: edits.map((edit) => ({
      type: 'diff' as const,
      path: edit.path,
      oldText: textOf(edit.path),
      newText: edit.newText,
    })),
  });
  if (turn.mustAsk('edit') && (await turn.ask(id)) === 'refused') {
    await turn.toolChanged(id, { status: 'failed', rawOutput: 'Not allowed' });
    return false;
  }
  await turn.toolChanged(id, { status: 'in_progress' });
  try {
    for (const edit of edits) {
      mkdirSync(dirname(edit.path), { recursive: true });
      writeFileSync(edit.path, edit.newText);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await turn.toolChanged(id, { status: 'failed', rawOutput: why });
    await turn.say(`I could not write the file: ${why}. Is the folder writable?\n\n`);
    return false;
  }
  await turn.pause(250);
  await turn.toolChanged(id, { status: 'completed' });
  return true;
}

/** Runs a command; null when it was refused. */
export async function runCommand(
  turn: Turn,
  call: {
    readonly command: string;
    readonly why: string;
    readonly cwd: string;
    readonly ask?: boolean;
  },
): Promise<CommandResult | null> {
  const id = await turn.tool({
    title: call.command,
    name: 'Shell',
    kind: 'execute',
    rawInput: { command: call.command, cwd: call.cwd, description: call.why },
    content: [{ type: 'content', content: { type: 'text', text: call.why } }],
    locations: [{ path: call.cwd }],
  });
  if (call.ask !== false && turn.mustAsk('execute') && (await turn.ask(id)) === 'refused') {
    await turn.toolChanged(id, { status: 'failed', rawOutput: 'Not allowed' });
    return null;
  }
  await turn.toolChanged(id, { status: 'in_progress' });
  const result = await turn.run(call.command, call.cwd);
  await turn.toolChanged(id, {
    status: result.code === 0 ? 'completed' : 'failed',
    rawOutput: { exitCode: result.code, output: result.output },
    content: [
      {
        type: 'content',
        content: { type: 'text', text: `\`\`\`\n${result.output.trimEnd()}\n\`\`\`` },
      },
    ],
  });
  return result;
}
