/** The words of the phone's app about itself. */
export const phoneApp = {
  crashed: 'Porchlight stopped working',
  crashedBody: 'Nothing of your sessions is lost: they run on your computer.',
  noStorage: (reason: string) =>
    `This browser does not let Porchlight keep anything (${reason}) Leave private browsing, or allow this page to store data, and load it again.`,
  keysGone: (host: string) =>
    `This browser has lost its keys for ${host} (its storage was cleared or put back from elsewhere). Pair again, and remove the old entry of this phone on the computer.`,
  reload: 'Load again',
  update: 'Update',
  updateReady: 'A newer version of Porchlight is here.',
  otherPageIsOlder:
    'An older page of Porchlight is open in another tab. Close it, then load this one again.',
  thisPageIsOlder: 'Porchlight was updated in another tab. Load this page again.',
  taken: 'The browser has taken back what Porchlight kept here. Load this page again.',
} as const;
