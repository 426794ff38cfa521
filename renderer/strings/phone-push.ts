/** What stands in the way of notifications on the phone. */
export const phonePush = {
  denied:
    'This browser does not let Porchlight notify. Allow it in the settings of the browser for this page, then try again.',
  notAnswered: 'The browser was not told yet whether Porchlight may notify.',
  noService: (why: string) =>
    `The browser could not be subscribed (${why}). Its push service may be out of reach: try again later.`,
  notConnected: 'Not connected to the computer: try again when it is back.',
  subscribing: 'Subscribing at the push service of this browser',
  starting: 'Starting the part of Porchlight that runs in the background',
  notStarted: 'The part of Porchlight that runs in the background could not be started.',
} as const;
