import type { Launcher } from './launcher.ts';

/**
 * An ACP agent that a person named in config.json. Nothing is known of its modes: it is held to ask
 * only if it offers a mode with our name for it.
 */
export function custom(id: string): Launcher {
  return {
    profile: {
      id,
      name: id,
      modes: { by: 'setMode', native: { ask: 'ask', edits: 'edits', plan: 'plan', auto: 'auto' } },
      signIn: null,
      canLoad: true,
      sharesProcess: false,
    },
    adapter: null,
    args: [],
    onPath: [],
    ownBinary: null,
    env: {},
    modeEnv: {},
  };
}
