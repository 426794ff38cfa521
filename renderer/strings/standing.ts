/** The words of a session that stands still: cut short, parked, asleep; and of one from a terminal. */
export const standing = {
  label: 'How it stands',
  interrupted: 'Cut short.',
  interruptedWhy: 'The agent or the machine went away before it was done.',
  unfinished: 'Not finished.',
  unfinishedWhy: 'The agent stopped before it was done.',
  continue: 'Continue',
  continueHint: 'The agent goes on where it was cut off; what waits comes after that.',
  parked: 'Parked.',
  parkedUntil: (clock: string, span: string) => `Parked until ${clock}, in ${span}.`,
  parkedOver: 'It goes on any moment now.',
  parkedTry: (attempt: number) => (attempt > 1 ? `Try ${attempt}.` : ''),
  goOn: 'Go on now',
  stay: 'Stay here',
  stayHint: 'It does not go on by itself any more.',
  asleep: 'Asleep. It wakes with your next message.',
  held: (n: number) => (n === 1 ? '1 message waits.' : `${n} messages wait.`),
  waits: (n: number) =>
    n === 1
      ? 'Your next message waits until you say so.'
      : `Your next ${n} messages wait until you say so.`,
  release: 'Send what waits',
  releaseHint: 'Without finishing the turn that was cut short.',
  home: (n: number) => (n === 1 ? 'One session was cut short' : `${n} sessions were cut short`),
  row: { interrupted: 'Cut short', parked: (clock: string) => `Parked until ${clock}` },
} as const;

export const adopt = {
  title: 'Continue a terminal conversation',
  entry: 'Continue a terminal conversation…',
  body: 'Conversations that this agent had in a terminal. One of them becomes a session here, with its history.',
  agent: 'Agent',
  find: 'Find by title or folder',
  loading: (agent: string) => `Asking ${agent} for its conversations…`,
  none: 'No conversation was found.',
  nothingFits: 'Nothing fits.',
  conversations: 'Conversations',
  untitled: 'Untitled conversation',
  noAge: 'no date',
  here: 'Here already',
  open: 'Open it',
  go: 'Continue here',
  going: 'Taking it over…',
  failed: 'It was not taken over.',
  listFailed: 'The conversations could not be listed.',
  more: (n: number) => `${n} older ones: write a part of the title to find them`,
  noAgents: 'No agent that can list its conversations was found.',
} as const;
