import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { custom } from './custom.ts';
import { demo } from './demo.ts';
import { gemini } from './gemini.ts';
import type { Launcher } from './launcher.ts';
import { opencode } from './opencode.ts';

/** The agents we know, in the order surfaces show them. */
export const BUILT_IN_LAUNCHERS: readonly Launcher[] = [claude, codex, opencode, gemini, demo];

/** The launcher of a built-in agent, or one for an agent named in config.json. */
export function launcherOf(id: string): Launcher {
  return BUILT_IN_LAUNCHERS.find((launcher) => launcher.profile.id === id) ?? custom(id);
}
