import type { AttentionKind } from '../../src/protocol/attention.ts';

/** What asks for a person, and where they were told. */
export const attention = {
  title: 'What asks for you',
  openList: (n: number) =>
    n === 0
      ? 'What asks for you: nothing'
      : `What asks for you: ${n === 1 ? '1 thing' : `${n} things`}`,
  kinds: {
    decision: 'Needs a decision',
    question: 'Asks a question',
    machine: 'Machine',
    failed: 'Failed',
    parked: 'Parked',
    finished: 'Finished',
  } satisfies Record<AttentionKind, string>,
  since: (kind: string, age: string) => (age === 'now' ? `${kind}, just now` : `${kind}, ${age}`),
  none: 'Nothing asks for you.',
  unknown: 'This host does not say what asks for you.',
  list: 'Oldest first',
  quiet: (clock: string) => `Quiet hours until ${clock}: only what you excepted is told.`,
  toldNowhere: 'You were not told anywhere yet.',
  told: (places: string) => `Told: ${places}.`,
  toldAt: (place: string, ago: string) => `${place}, ${ago}`,
  toldFailed: (place: string, ago: string, problem: string) =>
    `${place} could not be told (${ago})${problem === '' ? '.' : `: ${problem}`}`,
  moreTold: (n: number) => (n === 1 ? 'and 1 more place' : `and ${n} more places`),
  ago: (age: string) => (age === 'now' ? 'just now' : /\d:\d/.test(age) ? age : `${age} ago`),
  seen: 'Seen',
  seenHint: 'You are not told of it any more',
  wasSeen: 'Seen by you.',
  open: 'Open session',
  settings: 'When and where you are told',
  /** What is no device, by its name on the wire. */
  places: {
    window: 'Window',
    tray: 'Tray',
    browser: 'Browser',
    editor: 'Editor',
    cli: 'Terminal',
    desktop: 'This desktop',
    ntfy: 'ntfy',
    webhook: 'Webhook',
  } as Readonly<Record<string, string>>,
  device: 'A device',
} as const;
