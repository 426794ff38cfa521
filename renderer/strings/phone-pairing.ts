import type { Role } from '../../src/protocol/devices.ts';

const may: Record<Role, string> = {
  viewer: 'This phone may look, and change nothing.',
  approver: 'This phone may look, and answer what agents ask.',
  operator: 'This phone may do what you can do at the computer.',
};

/** The words of pairing on the phone. */
export const phonePairing = {
  title: 'Pair with your computer',
  how: 'On your computer choose “Pair a phone” in Porchlight’s menu, or run porchlight pair. Then scan the code that it shows.',
  scan: 'Scan the code',
  other: 'No camera, or no luck with it',
  picture: 'Choose a picture of the code',
  noCodeInPicture:
    'There is no code in that picture that can be read. Take one that shows the whole code, sharp and straight.',
  link: 'Link',
  linkHint:
    'Send the link that the computer shows to this phone, and paste it here. It works once, for two minutes.',
  useLink: 'Use this link',
  back: 'Back',
  leave: 'Not now',

  starting: 'Starting the camera…',
  aim: 'Hold the phone so that the whole code is in the picture.',
  notOurs: 'That code is not one of Porchlight’s.',
  lightOn: 'Light on',
  lightOff: 'Light off',
  stopScan: 'Stop',
  camera: {
    none: 'This device has no camera that can be used.',
    refused:
      'The camera is not allowed here. Allow it for this page in the browser’s or the system’s settings, or use a picture or the link.',
    busy: 'Another app is using the camera. Close it, and try again.',
    insecure:
      'A page over plain http gets no camera. Use a picture of the code or the link, or your phone’s own camera app.',
    failed: 'The camera did not start. Try again, or use a picture or the link.',
  },

  readyTitle: 'A code was read',
  name: 'Name of this phone',
  nameHint: 'The computer shows it, so that you can tell your phones apart.',
  unnamed: 'Phone',
  relay: 'Goes through',
  page: 'This page is from',
  lan: 'Without https, whoever is in this network could change this page. Use it for a trial, in a network that you trust.',
  pair: 'Pair',
  cancel: 'Cancel',
  meeting: 'Looking for the computer…',

  match: 'Do these match your computer?',
  matchHow: (host: string) =>
    `${host} shows six digits too. If they are the same, confirm there, and choose what this phone may do.`,
  matchWait: 'Waiting for the computer…',
  differ: 'They differ',
  mismatch:
    'Nothing was paired. If the digits really differed, somebody may be in between: try another network, and ask the computer for a new code.',

  done: (host: string) => `Paired with ${host}`,
  may: (role: Role) => may[role],
  weaker:
    'This browser cannot lock its keys away (a page over plain http, or an older browser): whoever copies its storage could be this phone until you revoke it.',
  go: 'Show me',

  failed: 'Not paired',
  again: 'Start again',
  unreadable: 'This code cannot be read. Ask the computer for a new one.',
  lanFromHttps:
    'This code is for the local network by plain http, which a page over https may not use. Open the link with your phone’s camera app instead.',
  otherRelay: (relay: string) =>
    `This page may not speak to ${relay}, only to the relay that it came from and those that this relay allows. Open the computer’s link in the browser instead: it brings a page of its own.`,
  cannotStore: (reason: string) =>
    `This browser cannot keep the keys (${reason}) If the computer lists this phone, remove it there. Then leave private browsing, or make room on this phone, and try again.`,

  wiped: (names: string) =>
    `This browser has cleared what Porchlight kept here, and the keys for ${names} with it. Pair again, and remove the old entry of this phone on the computer.`,

  install: {
    title: 'First put Porchlight on the home screen',
    why: 'On this phone, Safari and an app on the home screen do not share what they store, and Safari clears it after a week without a visit. So the app comes first, and scans the code itself.',
    steps: [
      'Tap Share, the square with an arrow, at the edge of the screen.',
      'Choose “Add to Home Screen”, then “Add”.',
      'Open Porchlight there, and scan a new code with it.',
    ],
    unused: 'The code that brought you here was not used.',
    anyway: 'Pair in Safari anyway',
  },
} as const;
