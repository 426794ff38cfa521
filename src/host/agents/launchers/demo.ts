import type { Launcher } from './launcher.ts';

/** Our own scripted agent: a short coding task without any account. Built in, never installed. */
export const demo: Launcher = {
  profile: {
    id: 'demo',
    name: 'Demo agent',
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
