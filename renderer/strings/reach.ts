/** What can be reached, and what helps an agent that stands still: the same words in the window and on the phone. */
export const reach = {
  title: 'What can be reached',
  /** Of a session whose agent stands still. */
  stuck: 'What the agent is doing',
  interrupt: 'Interrupt',
  interruptHint: 'Stops the turn under way; the agent stays.',
  restart: 'Restart the agent',
  restartAsk: 'Restart the agent?',
  restartBody:
    'Its process is ended, however it stands, and started again. The turn under way is cut short, and you are offered to continue it. The conversation stays.',
  restartKeep: 'Leave it running',
  /** After a restart was asked for. */
  restarting: 'Restarting…',
  probing: 'Asking relay, devices and agents…',
  again: 'Check again',
  probed: (age: string) => `Checked ${age} ago.`,
  failed: 'It could not be checked:',
  way: 'The way here',
  devices: 'Devices',
  sessions: 'Agents',
  noDevices: 'No device is paired.',
  noSessions: 'No session is open.',
  legs: {
    host: 'Host',
    relay: 'Relay',
    ownRelay: 'Relay (yours)',
    service: 'Start-up service',
    note: 'Note of silence',
  },
  answers: (ms: string) => `answers in ${ms}`,
  ok: 'answers',
  heard: (age: string) => `heard ${age} ago`,
  notSet: 'none is set up: this machine is all there is',
  relayAway: 'does not answer',
  online: 'online',
  onlineSilent: 'online, but its page does not answer (asleep in a pocket, most likely)',
  offline: (seen: string | null) => (seen === null ? 'never seen' : `away, last seen ${seen}`),
  push: { on: 'push works', failing: 'push fails', off: 'no push' },
  service: {
    systemd: 'systemd',
    launchd: 'launchd',
    task: 'the task scheduler',
  } as Readonly<Record<string, string>>,
  serviceOn: (kind: string | null) =>
    `on${kind === null ? '' : ` (${kind})`}: host and sessions come back after a crash or a restart`,
  serviceOff: 'not installed: after a restart of the machine nothing runs until you start it',
  serviceNone: 'there is none for this system',
  noteStates: {
    left: (devices: number) =>
      `left with the relay for ${devices === 1 ? '1 device' : `${devices} devices`}: it tells them should this machine fall silent`,
    idle: 'none needed: nothing works now',
    off: 'off',
    unavailable: 'not available',
  },
  noteRenewed: (age: string) => `renewed ${age} ago`,
} as const;
