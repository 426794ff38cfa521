import { count } from './count.ts';

/** The page that says all at a glance, for a shortcut on the home screen. */
export const summary = {
  title: 'At a glance',
  needs: (n: number) => (n === 1 ? '1 needs you' : `${n} need you`),
  nothing: 'Nothing needs you',
  works: (n: number) => `${n} working`,
  noWork: 'Nothing works now',
  more: (n: number) => `${n} more`,
  decision: (n: number) => (n === 1 ? 'Waits for a decision' : `${n} decisions wait`),
  hangs: 'Its agent does not answer',
  failed: 'Failed',
  interrupted: 'Was cut short',
  problem: 'The computer itself',
  quiet: (n: number) => `${count(n, 'session is', 'sessions are')} quiet.`,
  now: 'As it is now.',
  was: (when: string) => `As it was ${when}. Nothing newer is known here.`,
  never: 'Nothing of this computer is known here yet.',
  all: 'Everything',
  reach: 'The way there',
} as const;
