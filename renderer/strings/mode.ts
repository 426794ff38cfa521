import type { Mode } from '../../src/protocol/mode.ts';

/** What a mode means for the agent at hand, and what is said when one is raised or drifts. */
export const mode = {
  raise: {
    plan: () => '',
    ask: (agent: string) => `${agent} may then begin to work, and asks before it changes anything.`,
    edits: (agent: string) =>
      `${agent} then changes files in its folder without asking. Commands and the network are still asked about.`,
    auto: (agent: string) =>
      `${agent} then edits files, runs commands and reaches the network as it judges fit. Nothing will wait for you, and rules bind only what it still asks about.`,
  } satisfies Record<Mode, (agent: string) => string>,
  sandboxed: (by: string) => `It is kept in its folder by ${by}.`,
  bare: 'Nothing keeps it in its folder.',
  title: (to: string) => `Raise the mode to ${to}?`,
  keep: (now: string) => `Stay in ${now}`,
  act: (to: string) => `Switch to ${to}`,
  needsOperator: (to: string) => `${to} (takes an operator)`,
  own: 'its own mode',
  changedMeanwhile: (now: string) =>
    `The mode was changed meanwhile: it is ${now} now. Nothing else was changed.`,
  drift: (agent: string, now: string, before: string) =>
    `${agent} went from ${before} into ${now} by itself.`,
  driftFrom: (agent: string, now: string) => `${agent} went into ${now} by itself.`,
  putBack: (before: string) => `Put it back to ${before}`,
  leave: 'Leave it so',
  undone: (now: string, left: string) =>
    `The agent had gone into ${left} by itself; the mode was put back to ${now}`,
  sandbox: 'Sandbox',
  noSandbox: 'None: it can reach whatever your account can.',
} as const;
