/** What a host says may be a sentence, or not. */
const sentence = (words: string): string =>
  `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`;
const after = (words: string): string => (words === '' ? '' : ` ${words}`);

/** The words of the first screen and of what stands around all of them. Others: phone-later.ts. */
export const phone = {
  link: {
    live: (host: string) => `Connected to ${host}`,
    quiet: (host: string, since: string) => `${host} has not been heard${after(since)}`,
    quietBody: 'Nothing may be happening there. Check to be sure.',
    trying: (host: string) => `Reaching ${host}…`,
    noNetwork: 'This phone has no network',
    noNetworkBody: 'What you write waits here and is sent when it is back.',
    noRelay: (since: string) => `The relay does not answer${after(since)}`,
    noRelayBody: 'Sessions may well run on. This phone keeps trying.',
    away: (host: string, since: string) => `${host} is away${after(since)}`,
    awayBody: 'It sleeps, is off, or has no network. What you write waits here.',
    comesBack:
      'It sleeps, is off, or has no network. After a crash or a reboot it comes back by itself.',
    comesBackNot:
      'It sleeps, is off, or has no network. After a reboot somebody must start it there.',
    stoppedBody:
      'It was stopped by hand, and starts at the computer or by ssh: “porchlight host start”.',
    asleep: (clock: string) => `Asleep since ${clock}`,
    asleepWhy: (host: string, why: string) => `${host} went to sleep. ${sentence(why)}`,
    asleepSaid: (host: string) => `${host} said that it goes to sleep.`,
    asleepHint: (host: string) => `So the relay says of ${host}.`,
    asleepBody: 'What you write waits here and is sent when it wakes.',
    silent: (host: string) => `${host} does not answer`,
    refused: 'The computer does not let this phone in',
    asOf: (when: string) => `Shown as it was ${when}.`,
    now: 'just now',
    never: 'not yet',
    secondsAgo: (n: number) => `${n} s ago`,
    minutesAgo: (n: number) => `${n} min ago`,
    at: (clock: string) => `at ${clock}`,
    forSeconds: (n: number) => `for ${n} s`,
    forMinutes: (n: number) => `for ${n} min`,
    since: (clock: string) => `since ${clock}`,
    tryNow: 'Try now',
    more: 'Details',
  },
  machine: {
    title: 'Your computer',
    way: 'The way to it',
    was: (when: string, line: string) => `As it was ${when}: ${line}`,
    notKnown: 'What holds it awake is not known here.',
    awake: 'Awake',
    relayIn: (ms: number) => `relay ${ms} ms`,
    checkedAgo: (when: string) => `checked ${when}`,
    relay: 'Relay',
    relayUp: (ms: number | null) => (ms === null ? 'connected' : `${ms} ms`),
    relayDown: 'not connected',
    heard: 'Heard',
    checked: 'Checked',
    checkedIn: (when: string, ms: number) => `${when}, ${ms} ms`,
    check: 'Check now',
    checkLabel: 'Ask the computer itself, end to end',
  },
  lid: {
    closed: (clock: string) => `The lid was closed at ${clock} while the light was off.`,
    means: 'Work may stop when the machine sleeps.',
  },
  home: {
    title: 'Home',
    lost: 'Not connected',
    connecting: 'connecting…',
    heard: (when: string) => `heard ${when}`,
    hosts: 'Computers',
    switchHost: (name: string) => `Computer: ${name}. Switch`,
    settings: 'Settings',
    new: 'New session',
    waiting: (n: number) =>
      n === 1 ? 'One message waits to be sent.' : `${n} messages wait to be sent.`,
    left: (n: number) =>
      n === 1
        ? 'One message is left at the relay for your computer.'
        : `${n} messages are left at the relay for your computer.`,
    refused: (n: number) => (n === 1 ? 'One message was refused.' : `${n} messages were refused.`),
    notYet: 'Nothing of this computer is known here yet',
    notYetBody: 'It shows as soon as it can be reached.',
    quietTitle: 'All quiet',
    noSessions: 'No sessions yet',
    noSessionsBody: 'Start one here or on the computer.',
    noSessionsLook: 'They show here once there is one.',
    others: 'On other computers',
  },
  audit: {
    lost: (host: string) => `The audit log of ${host} was cut or rewritten`,
    lostBody: (n: number, when: string) =>
      `Entry ${n}, which this phone saw ${when}, is not in it any more. Either the computer was put back from an older copy, or somebody changed its log.`,
    more: 'What this phone saw',
  },
  session: {
    back: 'Back',
    showDiff: (path: string) => `Show the change of ${path}`,
    hideDiff: (path: string) => `Hide the change of ${path}`,
    loading: 'Loading…',
  },
  night: {
    since: (clock: string) => `Night since ${clock}.`,
    until: (clock: string) => `Ends at ${clock}.`,
    over: (clock: string) => `The night ended at ${clock}.`,
    soFar: 'What happened so far',
    look: 'What ran, what waits',
  },
} as const;
