import type { Pulse } from '../../src/protocol/reach.ts';

/** What an agent is doing. Apart from all else about reach, because a phone loads this first. */
export const pulse = {
  /** As a sentence's beginning; a span may follow: "Silent for 4 min". */
  words: {
    idle: 'Has nothing to do',
    working: 'At work',
    runsTool: 'Runs a tool',
    waitsForYou: 'Waits for you',
    waitsForModel: 'Waits for its model',
    silent: 'Silent',
    hangs: 'Does not answer',
    gone: 'Not running',
  } satisfies Record<Pulse, string>,
  forSpan: (words: string, span: string) => `${words} for ${span}`,
} as const;
