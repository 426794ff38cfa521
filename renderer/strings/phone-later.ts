import type { Role } from '../../src/protocol/devices.ts';
import { count } from './count.ts';

/** The words of the phone's screens that are loaded when they are opened. */
export const later = {
  audit: {
    title: 'Audit log',
    fine: (n: number, when: string) =>
      `Seen up to entry ${n}, ${when}. Each connection is compared with it.`,
    none: 'This phone has seen none yet.',
    saw: 'This phone saw',
    says: 'The computer says',
    newest: 'Its newest',
    entry: (n: number, hash: string) => `entry ${n}, ${hash.slice(0, 16)}…`,
    seen: (entry: string, when: string) => `${entry}, ${when}`,
    noEntry: (n: number) => `it has no entry ${n}`,
    noLog: 'it has no log',
    found: 'Noticed',
    advice: 'Look at “porchlight audit verify” on the computer before you put this away.',
    dismiss: 'I have looked into it',
  },
  session: {
    about: 'About this session',
    box: 'Message to the agent',
    placeholder: 'Message',
    send: 'Send',
    queue: 'Add to the queue',
    stop: 'Stop',
    picture: 'Add pictures',
    reading: (name: string) => `Reading ${name}…`,
    unreadable: (name: string) =>
      `${name} cannot be read by this browser. Share it as JPEG or PNG.`,
    heic: (name: string) =>
      `${name} is a HEIC photo, which this browser cannot read. In the camera’s settings choose “Most compatible”, or share it as JPEG.`,
    noRoom: (name: string) => `${name} does not fit into this message any more.`,
    mayNotWrite: (role: Role) =>
      role === 'viewer'
        ? 'This phone may only look. Change its role on the computer.'
        : 'This phone may decide, not write. Change its role on the computer.',
    outbox: 'Waits to be sent',
    sending: 'Sending…',
    waits: 'Waits for the connection',
    left: (when: string) =>
      `Left at the relay, ${when}. Your computer takes it when it is back, also with this page closed.`,
    mayBeLeft: 'May be at the relay already, and cannot be taken back. Your computer does it once.',
    refused: 'Not sent:',
    takeBack: 'Take back',
    putAway: 'Put away',
    writeAgain: 'Write again',
  },
  about: {
    title: 'About this session',
    mode: 'Mode',
    state: 'State',
    changes: 'Changes',
    seeChanges: 'See the changes',
    lowerOnly:
      'This phone may set a mode that asks more. All else takes an operator: change its role on the computer.',
    operatorOnly: 'Changing these takes an operator. Change this phone’s role on the computer.',
    branch: 'Branch',
    folder: 'Folder',
    agent: 'Agent',
    heard: 'Heard',
    actions: 'Session',
  },
  changes: {
    title: 'Changes',
    none: 'Nothing has changed yet.',
    files: (n: number) => count(n, 'file', 'files'),
    previous: 'Previous file',
    next: 'Next file',
    place: (at: number, all: number) => `${at} of ${all}`,
    all: 'All files',
    gone: 'This file is not among the changes any more.',
  },
  start: {
    title: 'New session',
    where: 'Folder',
    recent: 'Recent',
    roots: 'Allowed folders',
    browse: (folder: string) => `Look inside ${folder}`,
    other: 'Another folder…',
    change: 'Change',
    noPlaces:
      'No session ran on the computer yet, and its owner has allowed phones no folder: they stand in config.json under devices.roots.',
    needsOperator:
      'Starting a session takes an operator. Change this phone’s role on the computer.',
    needsLink: 'A session can be started when the computer is connected.',
  },
  settings: {
    title: 'Settings',
    hosts: 'Computers',
    open: 'shown now',
    seen: (when: string) => `heard ${when}`,
    add: 'Pair another computer',
    forget: 'Forget',
    forgetTitle: (name: string) => `Forget ${name}?`,
    forgetBody:
      'Its keys and all that this phone keeps of it are deleted here. On the computer this phone stays on the list until you remove it there.',
    forgetKeep: 'Keep it',
    forgetDo: (name: string) => `Forget ${name}`,
    device: 'This phone',
    name: 'Name',
    role: 'Role',
    roles: {
      viewer: 'Viewer: looks, decides nothing',
      approver: 'Approver: decides what agents ask',
      operator: 'Operator: does all that the window can',
    } satisfies Record<Role, string>,
    changeOnHost: 'Name and role are changed on the computer.',
    storage: 'Storage',
    kept: 'The browser promised to keep what is stored here.',
    mayBeCleared: 'The browser may delete what is stored here: then pair again.',
    unknown: 'Whether the browser keeps what is stored here is not known.',
    keep: 'Ask it to keep it',
    notKept: 'It did not promise. Installing the app helps.',
    install: 'Install',
    installOffered: 'As an app it opens faster and its storage is kept.',
    installByHand:
      'Tap Share, then “Add to Home Screen”. Pair again inside the app: it has a storage of its own.',
    installed: 'Installed as an app.',
    privacy: 'Privacy',
    privacyBody: (relay: string) =>
      `The relay at ${relay} carries sealed messages: it sees when this phone is connected and how much is sent, and can read none of it.`,
    version: 'Version',
  },
  night: {
    open: 'Open the night',
    settings: 'Sessions go on without you, and what rules leave open waits for the morning.',
    needsOperator:
      'Starting or ending the night takes an operator. Change this phone’s role on the computer.',
    needsLink: 'This shows when the computer is connected.',
  },
  rules: {
    open: 'Show the rules',
    settings: 'What runs without asking, and what never does.',
    changeOnHost: 'They are changed on the computer.',
    none: 'No rules yet. A card’s “Always allow…” makes one.',
    needsLink: 'They show when the computer is connected.',
  },
  pair: { title: 'Pair a computer' },
} as const;
