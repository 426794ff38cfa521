/** The words of a check of the person on the phone. */
export const passkey = {
  title: 'Passkey',
  what: 'Some decisions ask who is there: the phone then wants your finger, face or screen lock.',
  register: 'Set up a passkey',
  registered: 'Set up: this phone can show that you are there.',
  removed: 'The owner of the computer can remove it there.',
  unknown: 'Whether one is set up shows when the computer is connected.',
  working: 'Follow your phone…',
  insecure:
    'This page came over plain http: a passkey needs https, or the computer’s own localhost.',
  unsupported: 'This browser has no passkeys.',
  nothingDecided: (why: string) => `${why} Nothing was decided.`,
  cancelled: 'The check was cancelled, or took too long.',
  alreadyThere: 'This phone holds a passkey for this computer already.',
  wrongSite: (host: string) =>
    `A passkey cannot belong to ${host}: the page needs a name, not a number.`,
  noAuthenticator: 'This phone has no screen lock that a passkey could use. Set one up first.',
  failed: (why: string) => `The check failed: ${why}`,
} as const;
