import type { StopReason } from '@agentclientprotocol/sdk';
import { findScriptLine } from '../script-line.ts';
import type { Turn } from '../turn.ts';
import { asking } from './asking.ts';
import { breaking } from './breaking.ts';
import { codingTask } from './coding-task.ts';
import { everything } from './everything.ts';
import type { Scripts } from './script.ts';
import { streaming } from './streaming.ts';
import { surroundings } from './surroundings.ts';

export const SCRIPTS: Scripts = {
  demo: codingTask,
  ...streaming,
  ...asking,
  ...surroundings,
  ...breaking,
  everything,
};

/** Answers a prompt with the script it names, or with the coding task. */
export async function runScript(turn: Turn): Promise<StopReason> {
  const line = findScriptLine(turn.promptText);
  if (line === null) return (await codingTask.run(turn, { name: 'demo', keys: {} })) ?? 'end_turn';
  const script = Object.hasOwn(SCRIPTS, line.name) ? SCRIPTS[line.name] : undefined;
  if (script === undefined) {
    await turn.say(
      `There is no script \`${line.name}\`. There are: ${Object.keys(SCRIPTS).join(', ')}.`,
    );
    return 'end_turn';
  }
  return (await script.run(turn, line)) ?? 'end_turn';
}
